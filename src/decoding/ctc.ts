/**
 * Greedy CTC decoding (Graves et al., "Connectionist Temporal Classification", 2006): the best label of each
 * frame, runs of equal labels collapsed, blanks dropped.
 */
import { RuntimeError } from "../errors.ts";

/** Log probabilities of a CTC head, one row for each frame: of all labels, or of some only. */
export interface Posteriors {
  readonly logProbs: Float32Array; // [T, V], or [T, columns]
  readonly frames: number;
  readonly vocabSize: number;
  /** The column of each label, where only some labels have one. */
  readonly columns?: ReadonlyMap<number, number>;
}

/** The part of a CTC head's output that a caller asks for: the whole matrix is as wide as the vocabulary. */
export interface CtcScores {
  readonly frames: number;
  readonly vocabSize: number;
  /** The most probable labels of each frame, as many as were asked for. */
  readonly top: TopLabels;
  /** The log probabilities of these labels at every frame. */
  of(labels: readonly number[]): Promise<Posteriors>;
}

/** A label and the frames that it spans. */
export interface CtcLabel {
  readonly id: number;
  readonly start: number;
  /** The first frame after it. */
  readonly end: number;
  /** Its highest probability among those frames. */
  readonly score: number;
}

/** One output row of the encoder: six hops of 10 ms. */
export const SECONDS_PER_FRAME = 0.06;

/** Frame index to seconds, in the order of operations of the original so that the digits agree. */
export function frameSeconds(frame: number): number {
  return (frame * 6 * 10) / 1000;
}

/** Runs of equal labels along a path, blanks left out. */
export function collapse(
  path: ArrayLike<number>,
  blank: number,
  scoreAt: (frame: number) => number,
): CtcLabel[] {
  const labels: CtcLabel[] = [];
  let start = 0;
  while (start < path.length) {
    const id = path[start] as number;
    let end = start;
    let score = 0;
    while (end < path.length && path[end] === id) score = Math.max(score, scoreAt(end++));
    if (id !== blank) labels.push({ id, start, end, score });
    start = end;
  }
  return labels;
}

/** The best label of each frame. */
export function bestLabels({ ids, frames, count }: TopLabels): Int32Array {
  return Int32Array.from({ length: frames }, (_, t) => ids[t * count] as number); // [T]
}

export function ctcGreedy(top: TopLabels, blank: number): CtcLabel[] {
  const scoreAt = (t: number): number => Math.exp(top.logProbs[t * top.count] as number);
  return collapse(bestLabels(top), blank, scoreAt);
}

/** The column of a label's log probabilities. */
export function columnOf({ columns, vocabSize }: Posteriors, id: number): number {
  const column = columns === undefined ? id : columns.get(id);
  if (column === undefined || column >= vocabSize)
    throw new RuntimeError("internal", "ctc", `no log probabilities of label ${id}`);
  return column;
}

export function logProbability(posteriors: Posteriors, frame: number, id: number): number {
  const width = posteriors.columns?.size ?? posteriors.vocabSize;
  return posteriors.logProbs[frame * width + columnOf(posteriors, id)] as number;
}

export function probability(posteriors: Posteriors, frame: number, id: number): number {
  return Math.exp(logProbability(posteriors, frame, id));
}

/** The best labels of each frame, the most probable first. */
export interface TopLabels {
  readonly ids: Int32Array; // [T, count]
  readonly logProbs: Float32Array; // [T, count]
  readonly frames: number;
  readonly count: number;
}

/** Of all labels; the lower id goes first among equals. */
export function topLabels({ logProbs, frames, vocabSize }: Posteriors, count: number): TopLabels {
  const kept = Math.min(count, vocabSize);
  const ids = new Int32Array(frames * kept);
  const best = new Float32Array(frames * kept).fill(-Infinity);
  for (let t = 0; t < frames; t++) {
    const row = t * kept;
    for (let id = 0; id < vocabSize; id++) {
      const value = logProbs[t * vocabSize + id] as number;
      if (id >= kept && !(value > (best[row + kept - 1] as number))) continue;
      let at = Math.min(id, kept - 1); // the last entry drops out
      while (at > 0 && value > (best[row + at - 1] as number)) {
        best[row + at] = best[row + at - 1] as number;
        ids[row + at] = ids[row + at - 1] as number;
        at--;
      }
      best[row + at] = value;
      ids[row + at] = id;
    }
  }
  return { ids, logProbs: best, frames, count: kept };
}
