/** The shapes that the parts of attention take, and what they give. */
import { expect, it } from "vitest";
import { attentionScores } from "../../../../kernels/ops/attention-parts/index.ts";

const outputs = (q: readonly number[], k: readonly number[], length: number, heads = 6, kvHeads = 2) =>
  attentionScores.outputs({ q, k }, { heads, kvHeads, scale: 1, length });

it("scores of one row of keys to all", () => {
  expect(outputs([3, 24], [5, 8], 1)).toEqual([[6, 3, 1]]);
  expect(outputs([3, 24], [5, 8], 5)).toEqual([[6, 3, 5]]);
});

it("no scores of no row, of more than there are, or of heads of two sizes", () => {
  expect(() => outputs([3, 24], [5, 8], 0)).toThrow("0 rows in use; wanted 1 to 5");
  expect(() => outputs([3, 24], [5, 8], 6)).toThrow("6 rows in use; wanted 1 to 5");
  expect(() => outputs([3, 24], [5, 12], 5)).toThrow("heads of one size");
  expect(() => outputs([3, 24], [5, 8], 5, 5)).toThrow("heads of one size");
  expect(() => outputs([3, 24], [5, 8], 5, 6, 0)).toThrow("heads of one size");
});
