/** Malicious and broken PyTorch checkpoints must be refused as malformed, in their place, at once. */
import { expect } from "vitest";
import { openTorch } from "../../../converters/readers/torch/checkpoint.ts";
import { FunAsrError } from "../../../src/errors.ts";
import { openBytes } from "../../../src/platform/bytes.ts";

/** What the checkpoint is, its bytes, and text of the message. */
export type RefusedCheckpoint = [what: string, bytes: Uint8Array, reason?: string | RegExp];

export const openHostile = (bytes: Uint8Array) => openTorch(openBytes(bytes, "hostile.pt"));

export async function refusal(
  bytes: Uint8Array,
): Promise<{ error: FunAsrError; milliseconds: number; growth: number }> {
  const start = process.cpuUsage(); // of this process alone
  const before = process.memoryUsage().heapUsed;
  const error: unknown = await openHostile(bytes).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FunAsrError);
  const growth = process.memoryUsage().heapUsed - before;
  const { user, system } = process.cpuUsage(start);
  return { error: error as FunAsrError, milliseconds: (user + system) / 1000, growth };
}

export async function expectRefused(bytes: Uint8Array, reason: string | RegExp = ""): Promise<void> {
  const { error, milliseconds, growth } = await refusal(bytes);
  expect(error).toMatchObject({ code: "checkpoint_malformed" });
  expect(error.message).toMatch(reason);
  expect(error.where).toContain("hostile.pt");
  expect(milliseconds).toBeLessThan(250);
  expect(growth).toBeLessThan(32 * 2 ** 20 + bytes.length);
}
