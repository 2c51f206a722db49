/** Tries again what failed in a way that may pass. */
import type { HubSettings } from "../platform/hubs.ts";
import { PassingFailure } from "./failures.ts";
import { pause } from "../platform/patience.ts";

const tries = 5;
/** A server that asks for a longer pause is not waited for. */
const longestSeconds = 120;

/**
 * Calls `work` until it succeeds, fails for good, or has failed five times in a row without progress. `progressed` tells
 * whether the last try got further than the one before it.
 */
export async function withRetries<Result>(
  work: () => Promise<Result>,
  { pause: first }: Pick<HubSettings, "pause">,
  signal?: AbortSignal,
  progressed: () => boolean = () => false,
): Promise<Result> {
  for (let failures = 0; ;) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      failures = progressed() ? 1 : failures + 1;
      const { retryAfter = 0 } = error;
      if (failures >= tries || retryAfter > longestSeconds) throw error.error;
      await pause(Math.max(first * 2 ** (failures - 1), retryAfter * 1000), signal);
    }
  }
}
