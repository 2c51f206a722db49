/**
 * How many of the passes through a loop the speech has: the text before the loop, then pass after pass, is aligned with
 * the CTC draft, as long as most characters of the next pass are in the draft at that place.
 */
import { nearestReading } from "./agreement.ts";

interface SpokenPasses {
  /** Passes that the draft has. */
  readonly count: number;
  /** The number of characters of the draft that belong to the text before the loop and the first `count` passes. */
  readonly end: number;
  /** Whether most of these are equal in both texts, so that `end` can be relied on. */
  readonly certain: boolean;
}

/** `draft` is folded, a character each. Passes after the first `most` are not counted. */
export function spokenPasses(
  before: string,
  phrase: string,
  draft: readonly string[],
  most = Infinity,
): SpokenPasses {
  const text = draft.join("");
  let scores = Int32Array.from({ length: draft.length + 1 }, (_, j) => -j);
  for (const character of nearestReading(before, text)) scores = nextRow(scores, character, draft);
  let best = highest(scores);
  let count = 0;
  const characters = Array.from(nearestReading(phrase, text));
  while (count < most) {
    for (const character of characters) scores = nextRow(scores, character, draft);
    const next = highest(scores);
    if (next.score <= best.score) break;
    best = next;
    count++;
  }
  return { count, end: best.at, certain: best.score > 0 };
}

/** Scores of the best alignments with the first j characters: 1 for equal characters, -1 for each difference. */
function nextRow(scores: Int32Array, character: string, draft: readonly string[]): Int32Array<ArrayBuffer> {
  const row = new Int32Array(scores.length);
  row[0] = scores[0]! - 1;
  for (let j = 1; j < row.length; j++) {
    const both = scores[j - 1]! + (draft[j - 1] === character ? 1 : -1);
    row[j] = Math.max(both, scores[j]! - 1, row[j - 1]! - 1);
  }
  return row;
}

/** The highest score, at the earliest place. */
function highest(scores: Int32Array): { readonly score: number; readonly at: number } {
  let at = 0;
  for (let j = 1; j < scores.length; j++) if (scores[j]! > scores[at]!) at = j;
  return { score: scores[at]!, at };
}
