/**
 * Greedy CTC decoding (Graves et al., "Connectionist Temporal Classification", 2006): the best label of each
 * frame, runs of equal labels collapsed, blanks dropped.
 */

/** Log probabilities of a CTC head, one row for each frame. */
export interface Posteriors {
  readonly logProbs: Float32Array; // [T, V]
  readonly frames: number;
  readonly vocabSize: number;
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

/** The best label of each frame; the lowest of equals. */
export function bestLabels({ logProbs, frames, vocabSize }: Posteriors): Int32Array {
  const best = new Int32Array(frames); // [T]
  for (let t = 0; t < frames; t++) {
    const row = t * vocabSize;
    let highest = -Infinity;
    for (let v = 0; v < vocabSize; v++) {
      const value = logProbs[row + v] as number;
      if (value > highest) [best[t], highest] = [v, value];
    }
  }
  return best;
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

export function ctcGreedy(posteriors: Posteriors, blank: number): CtcLabel[] {
  const path = bestLabels(posteriors);
  return collapse(path, blank, (t) => probability(posteriors, t, path[t] as number));
}

export function probability({ logProbs, vocabSize }: Posteriors, frame: number, id: number): number {
  return Math.exp(logProbs[frame * vocabSize + id] as number);
}
