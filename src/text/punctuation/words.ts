/** The words that CT-Transformer puts marks behind. Source: FunASR ct_transformer/utils.py, split_words. */

/** What Python's str.split() takes for white space; ECMAScript's \s has U+FEFF in addition and lacks the controls. */
// oxlint-disable-next-line no-control-regex
const spaces = /[\p{White_Space}\x1c-\x1f]+/u;

/** The parts of a text between white space. */
export const splitAtSpaces = (text: string): string[] => text.split(spaces).filter((part) => part !== "");

/** Is the code point at the start of `text` one byte in UTF-8? The original asks this of characters. */
export const startsInAscii = (text: string): boolean => text !== "" && text.charCodeAt(0) < 128;

/** The same of the last code point. */
export const endsInAscii = (text: string): boolean => text !== "" && text.charCodeAt(text.length - 1) < 128;

/** A run of ASCII is a word, and so is every other code point. */
export function splitWords(text: string): string[] {
  return splitAtSpaces(text).flatMap((part) => part.match(/\p{ASCII}+|\P{ASCII}/gu) ?? []);
}

/** How the original finds words in texts: by itself, or with a dictionary. */
export type SplitWords = (text: string) => readonly string[];
