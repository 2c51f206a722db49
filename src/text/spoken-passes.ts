/**
 * How many of the passes through a loop the speech has: the text before the loop, then pass after pass, is aligned with
 * the CTC draft, as long as most characters of the next pass are in the draft at that place.
 */
import { fold } from "./hotwords/trie.ts";
import { numberReadings } from "./timestamps/number-readings.ts";

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
  let scores = Int32Array.from({ length: draft.length + 1 }, (_, j) => -j);
  scores = follow(scores, before, draft);
  let best = highest(scores);
  let count = 0;
  while (count < most) {
    scores = follow(scores, phrase, draft);
    const next = highest(scores);
    if (next.score <= best.score) break;
    best = next;
    count++;
  }
  return { count, end: best.at, certain: best.score > 0 };
}

interface SpokenPieces {
  /** The number of pieces that the draft has, from the first one on. */
  readonly count: number;
  /** The number of characters of the draft that belong to the text before and these pieces. */
  readonly end: number;
  /** By how much the rest of the draft would lower the score: the number of its characters that were not written. */
  readonly left: number;
  /** Whether a long part behind these pieces is another one than the draft's. */
  readonly isOther: boolean;
}

/** A text is followed through pieces that the draft does not have for this many characters. */
const LONGEST_GAP = 5;

/** How many of the pieces of a text, behind the text `before`, the draft has at that place. `draft` is folded. */
export function spokenPieces(
  before: string,
  pieces: readonly string[],
  draft: readonly string[],
): SpokenPieces {
  let scores = Int32Array.from({ length: draft.length + 1 }, (_, j) => -j);
  scores = follow(scores, before, draft);
  let best = { ...highest(scores), last: scores.at(-1)! };
  let [count, isOther] = [0, false];
  for (const [i, piece] of pieces.entries()) {
    scores = follow(scores, piece, draft);
    const next = highest(scores);
    isOther = next.score < best.score - LONGEST_GAP;
    if (isOther) break;
    if (next.score <= best.score) continue;
    best = { ...next, last: scores.at(-1)! };
    count = i + 1;
  }
  return { count, end: best.at, left: best.score - best.last, isOther };
}

/** The scores behind a text, each of whose numbers is taken in the reading that is best for an alignment. */
function follow(
  scores: Int32Array<ArrayBuffer>,
  text: string,
  draft: readonly string[],
): Int32Array<ArrayBuffer> {
  let all = scores;
  for (const part of text.normalize("NFC").match(/\d+|\D+/gu) ?? []) {
    const readings = /^\d/u.test(part) ? [part, ...numberReadings(part)] : [part];
    const rows = readings.map((reading) => {
      let row = all;
      for (const character of fold(reading)) row = nextRow(row, character, draft);
      return row;
    });
    all = rows.reduce((one, other) => one.map((score, j) => Math.max(score, other[j]!)));
  }
  return all;
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
