/**
 * Merges the texts of two overlapping windows. After Fun-ASR-GGUF: one text continues with the other at the longest
 * block of characters that both share. Unlike there, the block must also agree in time, the join lies inside it, where
 * both sides have context, and dropped text is reported.
 */
import type { TimedText } from "./timed.ts";

interface Window {
  readonly start: number;
  readonly end: number;
}

interface Merged<Unit> {
  readonly units: readonly Unit[];
  /** How many of them belong to the first window. */
  readonly kept: number;
  /** Text of the second window that was dropped. */
  readonly dropped: string;
}

/** Seconds beyond the overlap in which both texts are searched. */
const REACH = 1;
/** Equal characters must agree in time to within this, in seconds. */
const AGREEMENT = 0.3;
const SHORTEST_BLOCK = 2;
/** Without a block, characters that begin this many seconds after the first text's last one are new. */
const NEW_AFTER = 0.1;

/** Joins the characters of a window to those before it. All times are of the recording. */
export function mergeOverlap<Unit extends TimedText>(
  before: readonly Unit[],
  after: readonly Unit[],
  overlap: Window,
): Merged<Unit> {
  const from = firstIndex(before, ({ start }) => start >= overlap.start - REACH);
  const to = firstIndex(after, ({ start }) => start > overlap.end + REACH);
  const block = longestCommonBlock(before.slice(from), after.slice(0, to));
  if (block !== undefined) {
    const half = Math.floor(block.length / 2);
    return join(before.slice(0, from + block.first + half), after.slice(block.second + half), "");
  }
  const last = before.at(-1)?.start ?? -Infinity;
  const fresh = after.filter(({ start }) => start > last + NEW_AFTER);
  const lost = after.filter(({ start }) => start <= last + NEW_AFTER);
  return join(before, fresh, lost.map(({ text }) => text).join(""));
}

function firstIndex<Unit>(units: readonly Unit[], holds: (unit: Unit) => boolean): number {
  const index = units.findIndex(holds);
  return index < 0 ? units.length : index;
}

interface Block {
  /** Where it begins in each text. */
  readonly first: number;
  readonly second: number;
  readonly length: number;
}

/**
 * The longest run of equal characters at about equal times, if one is long enough; the earliest in the first text, then in
 * the second.
 */
function longestCommonBlock(first: readonly TimedText[], second: readonly TimedText[]): Block | undefined {
  let best: Block | undefined;
  let longest = SHORTEST_BLOCK - 1;
  let above = new Int32Array(second.length + 1); // lengths of the runs that end at the character before
  for (const [i, a] of first.entries()) {
    const lengths = new Int32Array(second.length + 1);
    for (const [j, b] of second.entries()) {
      if (!same(a, b)) continue;
      const length = (above[j] as number) + 1;
      lengths[j + 1] = length;
      if (length <= longest) continue;
      best = { first: i + 1 - length, second: j + 1 - length, length };
      longest = length;
    }
    above = lengths;
  }
  return best;
}

function same(a: TimedText, b: TimedText): boolean {
  return a.text.toLowerCase() === b.text.toLowerCase() && Math.abs(a.start - b.start) <= AGREEMENT;
}

/** One text after the other; punctuation or a space on both sides of the join is kept once. */
function join<Unit extends TimedText>(
  before: readonly Unit[],
  after: readonly Unit[],
  dropped: string,
): Merged<Unit> {
  const end = before.at(-1)?.text ?? "";
  const doubled = end === after[0]?.text && !/[\p{L}\p{M}\p{N}]/u.test(end);
  return { units: [...before, ...(doubled ? after.slice(1) : after)], kept: before.length, dropped };
}
