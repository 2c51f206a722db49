/**
 * Times for a text by comparing it with the CTC draft: characters against characters, as in Fun-ASR-GGUF. It
 * needs no posteriors and works for any difference: a differing character takes the time of its partner in the draft
 * (督 of 杜, 2 of 二), one without a partner lies between its neighbors.
 *
 * Needleman & Wunsch (1970): match +1, mismatch and gap -1; among equals the diagonal comes first, then skipping
 * a character of the draft, then one of the text.
 */
import { UsageError } from "../../errors.ts";
import type { DraftPiece } from "../hotwords/top-label-search.ts";
import { firstAfter, lastBefore } from "./timed.ts";
import type { RoughUnit, TimeSource } from "./timed.ts";

interface EditAlignOptions {
  /** Added to every time; the result is never below 0. Fun-ASR-GGUF uses -0.03 and later -0.24. */
  readonly offset?: number;
  /** The source of the draft's times. */
  readonly source?: Exclude<TimeSource, "interpolated">;
}

/** Seconds between characters of one draft label. */
const SPREAD = 0.08;
/** Seconds between the first or last partner and a character beyond it. */
const BEYOND = 0.05;

/** The matrix of draft and text, in bytes: 8,000 characters of both fit. */
const MOST_CELLS = 2 ** 26;

const DIAGONAL = 0;
const SKIP_DRAFT = 1;
const INSERT_TEXT = 2;

/**
 * Start times of the characters of `text`. Several may be equal: {@link settle} separates them. Throws `bad_option` for a text
 * that is too long to compare with this draft.
 */
export function alignByEdit(
  text: string,
  draft: readonly DraftPiece[],
  { offset = 0, source = "ctc" }: EditAlignOptions = {},
): RoughUnit[] {
  const heard = draft.flatMap(({ text: piece, start }) =>
    Array.from(piece, (character, i) => ({ character, start: start + i * SPREAD })),
  );
  const characters = Array.from(text);
  if ((heard.length + 1) * (characters.length + 1) > MOST_CELLS) {
    throw new UsageError(
      "bad_option",
      "text",
      `${characters.length} characters for a draft of ${heard.length}`,
      {
        wanted: "the text of this recording",
        remedy: "Align a long recording in parts",
      },
    );
  }
  const partners = pair(
    heard.map(({ character }) => character.toLowerCase()),
    characters.map((character) => character.toLowerCase()),
  );
  const known = Array.from(partners, (partner) => heard[partner]?.start); // heard[-1] is undefined
  const isKnown = (time: number | undefined): boolean => time !== undefined;
  const [before, after] = [lastBefore(known, isKnown), firstAfter(known, isKnown)];
  return characters.map((character, i) => ({
    text: character,
    start: Math.max(0, (known[i] ?? between(known, i, before[i]!, after[i]!)) + offset),
    source: known[i] === undefined ? "interpolated" : source,
  }));
}

/** For each character of the text the index of its partner in the draft, or -1. */
function pair(draft: readonly string[], text: readonly string[]): Int32Array {
  const width = text.length + 1;
  const moves = new Uint8Array((draft.length + 1) * width).fill(INSERT_TEXT, 0, width);
  let above = Float64Array.from({ length: width }, (_, j) => -j);
  for (let i = 1; i <= draft.length; i++) {
    const row = new Float64Array(width);
    row[0] = -i;
    moves[i * width] = SKIP_DRAFT;
    for (let j = 1; j < width; j++) {
      const both = (above[j - 1] as number) + (draft[i - 1] === text[j - 1] ? 1 : -1);
      const skip = (above[j] as number) - 1;
      const insert = (row[j - 1] as number) - 1;
      const best = Math.max(both, skip, insert);
      row[j] = best;
      moves[i * width + j] = best === both ? DIAGONAL : best === skip ? SKIP_DRAFT : INSERT_TEXT;
    }
    above = row;
  }

  const partners = new Int32Array(text.length).fill(-1);
  let [i, j] = [draft.length, text.length];
  while (i > 0 || j > 0) {
    const move = moves[i * width + j];
    if (move === DIAGONAL) partners[j - 1] = i - 1;
    if (move !== INSERT_TEXT) i--;
    if (move !== SKIP_DRAFT) j--;
  }
  return partners;
}

/** A time for index i: interpolated between its known neighbors, or just outside the known ones. */
function between(known: readonly (number | undefined)[], i: number, before: number, after: number): number {
  const left = known[before];
  const right = known[after];
  if (left !== undefined && right !== undefined)
    return left + ((right - left) * (i - before)) / (after - before);
  if (left !== undefined) return left + BEYOND;
  return right === undefined ? 0 : Math.max(0, right - BEYOND);
}
