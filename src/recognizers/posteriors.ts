/** Log probabilities of a CTC head, made and read a few frames at a time: a row is as wide as the vocabulary. */
import type { CtcStages } from "../models/ctc-stages.ts";
import type { Turn } from "../nn/chain.ts";
import { rows, tidy, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { bestLabels } from "../search/ctc.ts";
import type { Posteriors } from "../search/ctc.ts";
import { logSoftmaxRows } from "../search/log-softmax.ts";
import { freeing } from "./turns.ts";

interface CtcHead {
  /** Makes logits [rows, V] of any of the hidden rows. */
  readonly head: (hidden: Tensor) => Tensor;
  readonly vocabSize: number;
  readonly stages: CtcStages;
}

/** hidden: [T, D] */
export async function posteriorsOf(
  hidden: Tensor,
  { head, vocabSize, stages }: CtcHead,
  turn: Turn,
): Promise<Posteriors> {
  const frames = hidden.shape[0]!;
  const framesAtOnce = stages.logitsWatched ? frames : 64;
  const logits = new Float32Array(frames * vocabSize);
  for (let start = 0; start < frames; start += framesAtOnce) {
    await turn(start, frames);
    const some = rows(hidden, start, Math.min(framesAtOnce, frames - start));
    const part = await freeing(some, () => tidy(() => head(some))); // [rows, V]
    logits.set(await freeing(part, () => values(part)), start * vocabSize);
  }
  if (stages.logitsWatched) await turn(frames, frames); // whoever took them is done with them, then
  const shape = [frames, vocabSize];
  const logProbs = await stages.logProbs.offerValues(logSoftmaxRows(logits, vocabSize), shape);
  const posteriors = { logProbs, frames, vocabSize };
  if (stages.ids.watched) await stages.ids.offerValues(Float32Array.from(bestLabels(posteriors)));
  return posteriors;
}
