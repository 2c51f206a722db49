/**
 * What a CTC head says, made a few frames at a time: a row is as wide as the vocabulary. Of each only the best labels
 * are kept, and of labels that are asked for later the head is computed again, for these alone. Whoever listens to the
 * logits or to the log probabilities gets them whole; what he gives back is then what everyone reads.
 */
import type { CtcStages } from "../models/ctc-stages.ts";
import type { Turn } from "../nn/chain.ts";
import { dispose, rows, tensor, tidy, topLabels, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import type { WideLinear } from "../nn/weights.ts";
import { bestLabels, topLabels as topOf } from "../search/ctc.ts";
import type { CtcScores, Posteriors, TopLabels } from "../search/ctc.ts";
import { freeing } from "./turns.ts";

interface CtcHead {
  /** Makes logits [rows, V] of any of the hidden rows. */
  readonly head: WideLinear;
  readonly vocabSize: number;
  readonly stages: CtcStages;
}

const framesAtOnce = 64;

/** hidden: [T, D]; `count`: how many of the best labels of each frame are wanted. */
export async function ctcScores(
  hidden: Tensor,
  { head, vocabSize, stages }: CtcHead,
  count: number,
  turn: Turn,
): Promise<CtcScores> {
  const [frames, size] = hidden.shape as [number, number];
  const { logitsWatched } = stages;
  const watched = logitsWatched || stages.logProbs.watched;
  const read = new Reader(frames, vocabSize, Math.min(count, vocabSize), watched);
  const step = logitsWatched ? frames : framesAtOnce;
  for (let start = 0; start < frames; start += step) {
    await turn(start, frames);
    const some = rows(hidden, start, Math.min(step, frames - start));
    const logits = await freeing(some, () => tidy(() => head(some))); // [rows, V]
    await freeing(logits, () => read.rows(logits, start));
  }
  if (logitsWatched) await turn(frames, frames); // whoever took them is done with them, then

  const { shifts, whole } = read;
  let { top } = read;
  if (whole !== undefined) {
    const heard = await stages.logProbs.offerValues(whole, [frames, vocabSize]);
    const posteriors = { logProbs: heard, frames, vocabSize };
    if (heard !== whole) top = topOf(posteriors, top.count);
    await stages.ids.offerValues(Float32Array.from(bestLabels(top)));
    return { frames, vocabSize, top, of: async () => posteriors };
  }
  await stages.ids.offerValues(Float32Array.from(bestLabels(top)));

  const kept = await values(hidden);
  const of = async (labels: readonly number[]): Promise<Posteriors> => {
    const ids = [...new Set(labels)];
    const input = tensor(kept, [frames, size]);
    const logits = await freeing(input, () => tidy(() => head.some(input, ids))); // [T, ids]
    const found = await freeing(logits, () => values(logits));
    const logProbs = found.map((value, i) => value - shifts[Math.floor(i / ids.length)]!);
    return { logProbs, frames, vocabSize, columns: new Map(ids.map((id, column) => [id, column])) };
  };
  return { frames, vocabSize, top, of };
}

/** Gathers what is kept of the logits. */
class Reader {
  readonly top: TopLabels;
  readonly shifts: Float32Array; // [T]
  /** All log probabilities, for a listener. */
  readonly whole: Float32Array | undefined; // [T, V]
  readonly #vocabSize: number;

  constructor(frames: number, vocabSize: number, count: number, watched: boolean) {
    const size = frames * count;
    this.top = { ids: new Int32Array(size), logProbs: new Float32Array(size), frames, count };
    this.shifts = new Float32Array(frames);
    this.whole = watched ? new Float32Array(frames * vocabSize) : undefined;
    this.#vocabSize = vocabSize;
  }

  /** logits [rows, V] of the frames from `start` on */
  async rows(logits: Tensor, start: number): Promise<void> {
    const { count, ids, logProbs } = this.top;
    const best = topLabels(logits, count);
    try {
      ids.set(await values(best.labels), start * count);
      logProbs.set(await values(best.logProbs), start * count);
      this.shifts.set(await values(best.shifts), start);
    } finally {
      dispose([best.labels, best.logProbs, best.shifts]);
    }
    if (this.whole !== undefined) this.#keep(await values(logits), start, this.whole);
  }

  #keep(logits: Float32Array, start: number, whole: Float32Array): void {
    const width = this.#vocabSize;
    for (let i = 0, t = start; i < logits.length; t++) {
      const shift = this.shifts[t]!;
      for (const end = i + width; i < end; i++) whole[start * width + i] = logits[i]! - shift;
    }
  }
}
