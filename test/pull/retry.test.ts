/** How long is waited before another try. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FileError } from "../../src/errors.ts";
import { PassingFailure } from "../../src/hub/failures.ts";
import { withRetries } from "../../src/hub/retry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The milliseconds between the tries of work that fails `failures` times. */
async function pausesOf(failures: number, { pause, retryAfter }: { pause: number; retryAfter?: number }) {
  const tries: number[] = [];
  const done = withRetries(
    async () => {
      tries.push(Date.now());
      if (tries.length <= failures)
        throw new PassingFailure(new FileError("download_failed", "url", "503"), retryAfter);
    },
    { pause },
  );
  await vi.runAllTimersAsync();
  await done;
  return tries.slice(1).map((time, i) => time - tries[i]!);
}

it("is twice as long each time", async () => {
  expect(await pausesOf(3, { pause: 100 })).toEqual([100, 200, 400]);
});

it("is as long as the server asks for, where that is longer", async () => {
  expect(await pausesOf(3, { pause: 100, retryAfter: 0.3 })).toEqual([300, 300, 400]);
});
