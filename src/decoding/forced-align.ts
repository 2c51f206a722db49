/**
 * CTC forced alignment: the most probable path of blanks and labels that spells given labels. Viterbi over the
 * labels with a blank before, between and after (2L + 1 states), as torchaudio's `forced_align` does it: sums in
 * float32, and among equals staying goes before stepping before skipping, so that paths agree label by label.
 */
import { UsageError } from "../errors.ts";
import { collapse, columnOf, probability } from "./ctc.ts";
import type { CtcLabel, Posteriors } from "./ctc.ts";

/** How a state was reached: from itself, its predecessor, or over a blank from the label before. */
const STAY = 0;
const STEP = 1;
const SKIP = 2;

/** Frames times states, in bytes: about an hour of speech. */
const MOST_STATES = 2 ** 31;

/** Each label with its frames and score; empty where the labels do not fit into the frames, as in FunASR. */
export function alignLabels(posteriors: Posteriors, labels: readonly number[], blank: number): CtcLabel[] {
  const path = forcedAlign(posteriors, labels, blank);
  return path === undefined
    ? []
    : collapse(path, blank, (t) => probability(posteriors, t, path[t] as number));
}

/** The label of each frame, or undefined where there are no labels or too few frames. */
export function forcedAlign(
  posteriors: Posteriors,
  labels: readonly number[],
  blank: number,
): Int32Array | undefined {
  const { logProbs, frames: T, vocabSize, columns } = posteriors;
  const L = labels.length;
  for (const id of [...labels, blank]) {
    if (!(Number.isInteger(id) && id >= 0 && id < vocabSize))
      throw new UsageError("bad_option", "labels", String(id), { wanted: `0 to ${vocabSize - 1}` });
  }
  if (labels.includes(blank)) throw new UsageError("bad_option", "labels", "the blank is among them");
  const repeats = labels.filter((id, i) => i > 0 && id === labels[i - 1]).length;
  if (L === 0 || T < L + repeats) return undefined;

  const S = 2 * L + 1;
  if (T * S > MOST_STATES) {
    throw new UsageError("bad_option", "text", `${L} labels in ${T} frames`, {
      wanted: "a shorter recording",
      remedy: "Align a long recording in parts",
    });
  }
  const labelOf = (state: number): number => (state % 2 === 0 ? blank : (labels[(state - 1) / 2] as number));
  const width = columns?.size ?? vocabSize;
  const columnAt = Int32Array.from({ length: S }, (_, s) => columnOf(posteriors, labelOf(s)));
  const differs = (i: number): boolean => labels[i] !== labels[i + 1];
  let previous = new Float32Array(S).fill(-Infinity);
  let current = new Float32Array(S);
  const moves = new Uint8Array(T * S); // [T, S]

  let start = T === L + repeats ? 1 : 0;
  let end = 2;
  for (let s = start; s < end; s++) previous[s] = logProbs[columnAt[s] as number] as number;

  for (let t = 1; t < T; t++) {
    // Only states that can be reached from the start, and from which the end can be reached, take part.
    if (T - t <= L + repeats) start += start % 2 === 1 && differs((start - 1) / 2) ? 2 : 1;
    if (t <= L + repeats) end += end % 2 === 0 && end < 2 * L && differs(end / 2 - 1) ? 2 : 1;
    current.fill(-Infinity);
    for (let s = start; s < end; s++) {
      const label = labelOf(s);
      const stay = previous[s] as number;
      const step = s > 0 ? (previous[s - 1] as number) : -Infinity;
      const maySkip = s % 2 === 1 && s > 1 && label !== labelOf(s - 2);
      const skip = maySkip ? (previous[s - 2] as number) : -Infinity;
      const move = skip > step && skip > stay ? SKIP : step > stay ? STEP : STAY;
      moves[t * S + s] = move;
      const best = move === SKIP ? skip : move === STEP ? step : stay;
      current[s] = best + (logProbs[t * width + (columnAt[s] as number)] as number); // rounds to float32
    }
    [previous, current] = [current, previous];
  }
  return trackBack(moves, T, S, previous, labelOf);
}

function trackBack(
  moves: Uint8Array,
  T: number,
  S: number,
  scores: Float32Array,
  labelOf: (state: number) => number,
): Int32Array {
  const path = new Int32Array(T); // [T]
  let state = (scores[S - 1] as number) > (scores[S - 2] as number) ? S - 1 : S - 2;
  for (let t = T - 1; t >= 0; t--) {
    path[t] = labelOf(state);
    state -= moves[t * S + state] as number;
  }
  return path;
}
