/** Short reads of a file on disk come from blocks, and are the bytes of the file. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inBlocks } from "../../../src/checkpoints/gguf/blocks.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import type { ByteSource } from "../../../src/platform/bytes.ts";

const bytes = Uint8Array.from({ length: 700_001 }, (_, i) => (i * 2_654_435_761) >>> 24);

/** A file of these bytes, and the lengths of the reads that it gets. */
function fileWith(more: Partial<ByteSource>): { file: ByteSource; reads: number[] } {
  const reads: number[] = [];
  const source = openBytes(bytes);
  const read: ByteSource["read"] = (offset, target, signal) => {
    reads.push(target.length);
    return source.read(offset, target, signal);
  };
  return { file: { ...source, ...more, read }, reads };
}

describe("a file in blocks", () => {
  it("has the same bytes everywhere, whatever is read at the same time", async () => {
    const range = fc
      .tuple(fc.nat(bytes.length), fc.oneof(fc.nat(300), fc.nat(200_000)))
      .map(([offset, length]) => [offset, Math.min(length, bytes.length - offset)] as const);
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 20 }), fc.boolean(), async (ranges, together) => {
        const file = inBlocks(fileWith({ path: "/model.gguf" }).file);
        const readOne = async ([offset, length]: readonly [number, number]): Promise<void> => {
          const target = new Uint8Array(length);
          await file.read(offset, target);
          expect(Buffer.compare(target, bytes.subarray(offset, offset + length))).toBe(0);
        };
        if (together) await Promise.all(ranges.map(readOne));
        else for (const each of ranges) await readOne(each);
      }),
      { numRuns: 50 },
    );
  });

  it("is read once for many neighbors, and long tensors by themselves", async () => {
    const { file, reads } = fileWith({ path: "/model.gguf" });
    const blocks = inBlocks(file);
    for (let offset = 0; offset < 200_000; offset += 500) await blocks.read(offset, new Uint8Array(500));
    expect(reads).toEqual([262_144]);
    await blocks.read(300_000, new Uint8Array(100_000));
    await blocks.read(bytes.length - 9, new Uint8Array(9));
    expect(reads).toEqual([262_144, 100_000, 9]);
  });

  it("fails like the file itself: behind its end, and when aborted", async () => {
    const file = inBlocks(fileWith({ path: "/model.gguf" }).file);
    await expect(file.read(bytes.length - 4, new Uint8Array(8))).rejects.toMatchObject({
      code: "file_unreadable",
    });
    await file.read(0, new Uint8Array(8));
    await expect(file.read(0, new Uint8Array(8), AbortSignal.abort(new Error("stop")))).rejects.toThrow(
      "stop",
    );
  });

  it("is for files on disk: a server's ranges and bytes in memory stay as they are", () => {
    for (const more of [{}, { path: "/cached", remote: true }]) {
      const { file } = fileWith(more);
      expect(inBlocks(file)).toBe(file);
    }
  });
});
