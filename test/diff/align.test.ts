/** References in other shapes than ours. */
import { expect, it } from "vitest";
import { alignTo } from "../../src/diff/align.ts";

const values = Float32Array.from({ length: 6 }, (_, i) => i);

it.each([
  { shape: [2, 3], reference: [2, 3], expected: [0, 1, 2, 3, 4, 5] },
  { shape: [2, 3], reference: [1, 2, 3], expected: [0, 1, 2, 3, 4, 5] },
  { shape: [2, 3], reference: [3, 2], expected: [0, 2, 4, 1, 3, 5] },
  { shape: [1, 6], reference: [6], expected: [0, 1, 2, 3, 4, 5] },
  { shape: [6], reference: [1, 6, 1], expected: [0, 1, 2, 3, 4, 5] },
  { shape: [1, 6], reference: [1, 2, 3], expected: [0, 1, 2, 3, 4, 5] },
  { shape: [2, 3], reference: [2, 1, 3, 1], expected: [0, 1, 2, 3, 4, 5] },
  { shape: [2, 2], reference: [2, 3], expected: undefined },
])("$reference for $shape", ({ shape, reference, expected }) => {
  const aligned = alignTo(shape, { shape: reference, values });
  expect(aligned && [...aligned.values]).toEqual(expected);
  if (aligned !== undefined) expect(aligned.shape).toEqual(shape);
});

it("keeps heads of a row together", () => {
  const rows = Float32Array.from({ length: 12 }, (_, i) => i); // [2, 2 heads, 3]
  expect(alignTo([2, 6], { shape: [2, 2, 3], values: rows })).toEqual({ shape: [2, 6], values: rows });
});
