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

/** The best labels of each frame, the most probable first. */
export interface TopLabels {
  readonly ids: Int32Array; // [T, count]
  readonly logProbs: Float32Array; // [T, count]
  readonly frames: number;
  readonly count: number;
}

/** Of equal labels the lowest ids stay, in order. */
export function topLabels({ logProbs, frames, vocabSize }: Posteriors, count: number): TopLabels {
  const kept = Math.min(count, vocabSize);
  const ids = new Int32Array(frames * kept);
  const best = new Float32Array(frames * kept).fill(-Infinity);
  for (let t = 0; t < frames; t++) {
    const row = t * kept;
    for (let id = 0; id < vocabSize; id++) {
      const value = logProbs[t * vocabSize + id] as number;
      if (id >= kept && !(value > (best[row + kept - 1] as number))) continue;
      let at = Math.min(id, kept - 1); // what falls off the end is the worst
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
