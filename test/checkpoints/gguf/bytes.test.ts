/** How much of a file its header's reader reads: a MiB at first, then twice as much, never beyond the file or the limit. */
import { expect, it } from "vitest";
import { HeaderBytes } from "../../../src/checkpoints/gguf/bytes.ts";
import { limits } from "../../../src/checkpoints/gguf/limits.ts";
import type { ByteSource } from "../../../src/platform/bytes.ts";

const MIB = 2 ** 20;

function watched(size: number): { bytes: HeaderBytes; reads: [from: number, count: number][] } {
  const reads: [number, number][] = [];
  const source: ByteSource = {
    name: "a.gguf",
    size,
    remote: true,
    read: async (offset, target) => {
      reads.push([offset, target.length]);
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return { bytes: new HeaderBytes(source), reads };
}

it("reads a MiB, then as much again", async () => {
  const { bytes, reads } = watched(16 * MIB);
  await bytes.need(4, "magic");
  await bytes.need(MIB, "a string");
  expect(reads).toEqual([[0, MIB]]);
  await bytes.need(MIB + 1, "a string");
  await bytes.need(5 * MIB, "a list");
  expect(reads).toEqual([
    [0, MIB],
    [MIB, MIB],
    [2 * MIB, 3 * MIB],
  ]);
});

it("reads no more than there is", async () => {
  const { bytes, reads } = watched(1000);
  await bytes.need(24, "counts");
  expect(reads).toEqual([[0, 1000]]);
  await bytes.need(1000, "a list");
  await expect(bytes.need(1001, "a list")).rejects.toMatchObject({ code: "gguf_truncated" });
  bytes.position = 999;
  await bytes.need(1n, "a byte");
  await expect(bytes.need(2n, "two bytes")).rejects.toMatchObject({ code: "gguf_truncated" });
  expect(reads).toHaveLength(1);
});

it("reads no header that is longer than the limit", async () => {
  const { bytes, reads } = watched(2 * limits.headerBytes);
  await bytes.need(limits.headerBytes - MIB, "a list");
  await bytes.need(limits.headerBytes, "a list");
  expect(reads.at(-1)).toEqual([limits.headerBytes - MIB, MIB]);
  await expect(bytes.need(limits.headerBytes + 1, "a list")).rejects.toMatchObject({ code: "gguf_limit" });
});
