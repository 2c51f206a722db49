/**
 * Whether a sign between words belongs to the word after it. Brackets are written differently on both sides; for other
 * signs the spaces decide: what touches only the word after it opens, what touches only the word before it closes
 * ("costs $5", "5$ each", „so“, »so«). What touches both or neither is decided by its kind.
 */

const ALWAYS_OPENS = /^[\p{Ps}¿¡]$/u;
/** Closing brackets, and the punctuation of sentences. */
const NEVER_OPENS = /^[\p{Pe}.,;:!?…‥。．，、；：！？·・।॥؟،؛]$/u;
const CURRENCY = /^\p{Sc}$/u;
const INITIAL_QUOTE = /^\p{Pi}$/u;
const QUOTE = '"';

/** What stands around a sign. */
export interface Surroundings {
  /** Whether nothing but other signs is between it and the word before, and the word after. */
  readonly touchesBefore: boolean;
  readonly touchesAfter: boolean;
  /** The characters beside it. */
  readonly before: string;
  readonly after: string;
  /** Whether a straight quote here would open: none is open, and another one follows. */
  readonly quotes: boolean;
}

export function opensWord(sign: string, around: Surroundings): boolean {
  const { touchesBefore, touchesAfter, before, after, quotes } = around;
  if (ALWAYS_OPENS.test(sign)) return true;
  if (sign === "." && !touchesBefore && /^\p{Nd}/u.test(after)) return true; // .5
  if (NEVER_OPENS.test(sign)) return false;
  if (touchesBefore !== touchesAfter) return touchesAfter;
  if (sign === QUOTE) return quotes;
  if (CURRENCY.test(sign)) return /^\p{Nd}/u.test(after) && !/^\p{Nd}/u.test(before);
  return INITIAL_QUOTE.test(sign);
}

export const isQuote = (sign: string): boolean => sign === QUOTE;
