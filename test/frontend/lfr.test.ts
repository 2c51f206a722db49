import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lfrRows, stackFrames } from "../../src/frontend/lfr.ts";
import type { Matrix } from "../../src/frontend/fbank.ts";

/** Frames whose only value is their own index. */
const indices = (frames: number): Matrix => ({
  values: Float32Array.from({ length: frames }, (_, i) => i),
  rows: frames,
  cols: 1,
});

/** As upstream: copies of the first frame on the left, and of the last one for the missing frames of the last row. */
function upstreamLoop(frames: number, m: number, n: number): number[] {
  const rows = Math.ceil(frames / n);
  const padded = [...Array<number>((m - 1) >> 1).fill(0), ...indices(frames).values];
  const stacked: number[] = [];
  for (let i = 0; i < rows; i++) {
    const row = padded.slice(i * n, i * n + m);
    while (row.length < m) row.push(frames - 1);
    stacked.push(...row);
  }
  return stacked;
}

describe("stackFrames", () => {
  it("is upstream's loop", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.constantFrom([7, 6], [5, 1], [1, 1], [4, 3], [7, 9]),
        (frames, [m, n]) => {
          const stacked = stackFrames(indices(frames), { m: m!, n: n!, pad: true });
          expect([...stacked.values]).toEqual(upstreamLoop(frames, m!, n!));
          expect(stacked.rows).toBe(Math.ceil(frames / n!));
        },
      ),
    );
  });

  it("repeats the edge frames as in the table of the specification", () => {
    const { values } = stackFrames(indices(98), { m: 7, n: 6, pad: true });
    const row = (i: number): number[] => [...values.subarray(7 * i, 7 * i + 7)];
    expect(row(0)).toEqual([0, 0, 0, 0, 1, 2, 3]);
    expect(row(1)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(row(16)).toEqual([93, 94, 95, 96, 97, 97, 97]);
  });

  it("keeps the columns of a frame together", () => {
    const frames = { values: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 3, cols: 2 };
    const { values, cols } = stackFrames(frames, { m: 3, n: 2, pad: true });
    expect(cols).toBe(6);
    expect([...values]).toEqual([1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6]);
  });

  it("takes whole windows only, without padding", () => {
    const windows = { m: 7, n: 6, pad: false };
    for (let frames = 0; frames < 60; frames++) {
      const { values, rows } = stackFrames(indices(frames), windows);
      expect(rows).toBe(lfrRows(frames, windows));
      for (let i = 0; i < rows; i++) {
        expect([...values.subarray(7 * i, 7 * i + 7)]).toEqual([0, 1, 2, 3, 4, 5, 6].map((j) => 6 * i + j));
      }
      expect(frames - (6 * (rows - 1) + 7)).toBeLessThan(6);
    }
  });
});
