/** A window gives the bytes of its source, whatever was read before. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteWindow } from "../../src/audio/byte-window.ts";
import { openBytes } from "../../src/platform/bytes.ts";

const small = fc.integer({ min: 0, max: 12 });

it("has the bytes of any place, in any order of reads", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ min: 1, maxLength: 30 }),
      small,
      fc.array(fc.tuple(fc.nat(35), small), { minLength: 1, maxLength: 6 }),
      async (bytes, least, reads) => {
        const window = new ByteWindow(openBytes(bytes), least);
        for (const [offset, length] of reads)
          expect(await window.read(offset, length)).toEqual(bytes.slice(offset, offset + length));
      },
    ),
  );
});

it("reads its source again only where it has not what is asked for", async () => {
  const source = openBytes(new Uint8Array(100));
  const reads: number[][] = [];
  const watched = {
    ...source,
    read: (offset: number, target: Uint8Array) => {
      reads.push([offset, target.length]);
      return source.read(offset, target);
    },
  };
  const window = new ByteWindow(watched, 10);
  for (const [offset, length] of [
    [0, 2],
    [8, 2],
    [9, 2],
    [8, 1],
    [20, 15],
    [95, 4],
    [96, 9],
  ] as const)
    await window.read(offset, length);
  expect(reads).toEqual([
    [0, 10],
    [9, 10],
    [8, 10],
    [20, 15],
    [95, 5],
  ]);
});
