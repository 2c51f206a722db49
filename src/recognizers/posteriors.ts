/** Log probabilities of a CTC head, made and read a few frames at a time: a row is as wide as the vocabulary. */
import type { Turn } from "../nn/chain.ts";
import { rows, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import type { Posteriors } from "../search/ctc.ts";
import { logSoftmaxRows } from "../search/log-softmax.ts";
import { freeing } from "./turns.ts";

const framesAtOnce = 64;

/** hidden: [T, D]; `head` makes logits [rows, V] of any of its rows. */
export async function posteriorsOf(
  hidden: Tensor,
  head: (hidden: Tensor) => Tensor,
  vocabSize: number,
  turn: Turn,
): Promise<Posteriors> {
  const frames = hidden.shape[0]!;
  const logits = new Float32Array(frames * vocabSize);
  for (let start = 0; start < frames; start += framesAtOnce) {
    await turn(start, frames);
    const some = rows(hidden, start, Math.min(framesAtOnce, frames - start));
    const part = await freeing(some, () => head(some)); // [rows, V]
    logits.set(await freeing(part, () => values(part)), start * vocabSize);
  }
  return { logProbs: logSoftmaxRows(logits, vocabSize), frames, vocabSize };
}
