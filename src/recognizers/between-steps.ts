/** What all recognisers do between their steps: tell how far they are, notice an abort, free what was used. */
import type { BetweenSteps } from "../nn/layer-stack.ts";
import { dispose } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { platform } from "../platform/current.ts";
import type { ProgressStage, RecognizeOptions } from "./recognizer.ts";

/** Turns between layers and tokens: abort, progress, a breath for the event loop, time for a listener to catch up. */
export function betweenSteps({
  signal,
  onProgress,
  hook,
}: RecognizeOptions): (stage: ProgressStage) => BetweenSteps {
  return (stage) => async (done, total) => {
    onProgress?.({ stage, done, total });
    await platform().yieldNow();
    await hook?.flush?.();
    signal?.throwIfAborted();
  };
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
