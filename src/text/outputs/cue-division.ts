/**
 * Pieces to cues: of all divisions whose cues fit, the one with the least cost. A cue costs something in itself, more where
 * it ends at a bad place, cannot be read in its time or is shown too briefly, and where a sentence or a pause is inside it.
 * Dynamic programming over the ends of cues, as Knuth and Plass (1981) break a paragraph into lines.
 */
import { MIN_SECONDS, readingTime } from "./cue-limits.ts";
import type { CueLimits } from "./cue-limits.ts";
import { CLAUSE, SENTENCE } from "./border-costs.ts";
import type { CuePiece } from "./cue-pieces.ts";
import { shownUntil } from "./cue-times.ts";
import type { TimeLimits } from "./cue-times.ts";
import { GrowingLines } from "./growing-lines.ts";

/** Of a cue. */
const EACH = 10;
/** Of a cue that is full; the square of its filled share counts, so that cues get about equal lengths. */
const FULL = 8;
/** Of a sentence's end inside a cue. */
const SENTENCE_INSIDE = 6;
/** Of a cue that ends in the middle of a sentence, or of a clause, though another one ends inside it. */
const SENTENCE_STRADDLED = 8;
const CLAUSE_STRADDLED = 4;
/** The share of what a border costs that it costs between two lines of a cue. */
const LINE_BREAK = 0.4;
/** Of each second of a pause inside a cue, without the first quarter. */
const PAUSE_INSIDE = 12;
const SHORT_PAUSE = 0.25;
/** Seconds of a pause at which a cue always ends: the text after it would be shown too early. */
const LONG_PAUSE = 1.5;
/** Of a cue that is shorter than the minimum, and of each second that it lacks. */
const TOO_SHORT = 40;
const LACKS_SECOND = 60;
/** Of each second that a short cue lacks to a comfortable length. */
const COMFORTABLE = 1.2;
const UNCOMFORTABLE = 15;
/** Of a cue that would need twice its time to be read. */
const TOO_FAST = 25;
/** Of a cue of one word, or of two Chinese characters. */
const LONELY = 8;
const LONELY_COLUMNS = 4;

type DivisionLimits = CueLimits & TimeLimits;

/** The pieces of each cue. `acrossSegments`: whether a cue may go on in the next segment. */
export function divide(
  pieces: readonly CuePiece[],
  limits: DivisionLimits,
  acrossSegments: boolean,
): CuePiece[][] {
  const n = pieces.length;
  const best = new Float64Array(n + 1).fill(Infinity); // cost of the pieces before i
  const from = new Int32Array(n + 1); // where the last cue of them begins
  best[0] = 0;
  for (let start = 0; start < n; start++) {
    const before = best[start]!;
    eachCue(pieces, start, limits, acrossSegments, (end, cost) => {
      if (before + cost < best[end]!) [best[end], from[end]] = [before + cost, start];
    });
  }
  const cues: CuePiece[][] = [];
  for (let end = n; end > 0; end = from[end]!) cues.push(pieces.slice(from[end], end));
  return cues.toReversed();
}

/** The cues that can begin at `start`, by their ends; the first piece alone always can. */
function eachCue(
  pieces: readonly CuePiece[],
  start: number,
  limits: DivisionLimits,
  acrossSegments: boolean,
  found: (end: number, cost: number) => void,
): void {
  const from = pieces[start]!.start;
  const lines = new GrowingLines(limits);
  let inside = 0; // the cost of what is inside
  let straddled = 0; // the cost of ending in the middle of a clause
  for (let end = start + 1; end <= pieces.length; end++) {
    const piece = pieces[end - 1]!;
    const next = pieces[end];
    const fits = lines.add(piece) && piece.end - from <= limits.maxSeconds;
    if (!fits && end > start + 1) return;
    const { columns, cjk } = lines;
    const needed = readingTime(columns, cjk);
    const time = shownUntil(from, piece.end, next?.start ?? Infinity, needed, limits) - from;
    const filled = columns / (limits.maxLines * (cjk ? limits.cjkColumns : limits.columns));
    const few = cjk ? columns <= LONELY_COLUMNS : end === start + 1;
    const own = EACH + FULL * filled * filled + timeCost(time, needed) + (few ? LONELY : 0);
    const border = piece.cost + (piece.cost > CLAUSE ? straddled : 0);
    found(end, own + border + inside + LINE_BREAK * lines.breakCost());
    if (!fits || next === undefined || (piece.last && !acrossSegments)) return;
    const pause = next.start - piece.end;
    if (pause > LONG_PAUSE) return;
    inside += PAUSE_INSIDE * Math.max(0, pause - SHORT_PAUSE);
    if (piece.cost === SENTENCE) inside += SENTENCE_INSIDE;
    if (piece.cost <= CLAUSE)
      straddled = Math.max(straddled, piece.cost === SENTENCE ? SENTENCE_STRADDLED : CLAUSE_STRADDLED);
  }
}

function timeCost(time: number, needed: number): number {
  const short =
    time < MIN_SECONDS
      ? TOO_SHORT + LACKS_SECOND * (MIN_SECONDS - time)
      : UNCOMFORTABLE * Math.max(0, COMFORTABLE - time);
  return short + TOO_FAST * Math.min(2, Math.max(0, needed / Math.max(time, 0.01) - 1));
}
