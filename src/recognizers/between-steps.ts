/** What all recognizers do between their steps: report progress, offer their turn, notice an abort, check and free tensors. */
import { offerTurn } from "../engine/scheduler.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import { checkFinite } from "../nn/finite.ts";
import { dispose, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { platform } from "../platform/current.ts";
import type { ProgressStage, RecognizeOptions } from "./options.ts";

/**
 * Between two layers or tokens: progress is reported, the event loop runs, a slow hook catches up, and other jobs get
 * their turns. Throws the signal's reason when aborted.
 */
export function betweenSteps({
  signal,
  onProgress,
  hook,
}: RecognizeOptions): (stage: ProgressStage) => BetweenSteps {
  return (stage) => async (done, total) => {
    onProgress?.({ stage, done, total });
    await offerTurn(async () => {
      await platform().yieldNow();
      await hook?.flush?.();
    });
    signal?.throwIfAborted();
  };
}

/** The encoder's result [T, D] of `input`, which is freed. Throws `non_finite`. */
export async function encodeRows(
  encode: (input: Tensor, between: BetweenSteps) => Promise<Tensor>,
  input: Tensor,
  between: BetweenSteps,
): Promise<Tensor> {
  const encoded = await withDisposal(input, () => encode(input, between));
  try {
    checkFinite("encoder", await values(encoded), encoded.shape[1]);
    return encoded;
  } catch (error) {
    dispose(encoded);
    throw error;
  }
}

/** Runs `work` and frees `used` afterwards, however it ended. */
export async function withDisposal<Result>(
  used: Tensor,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work();
  } finally {
    dispose(used);
  }
}
