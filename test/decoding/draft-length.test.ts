/** How many tokens are drafted, by how many were right. */
import { expect, it } from "vitest";
import { DraftLength } from "../../src/decoding/draft-length.ts";

/** The lengths of steps whose drafts have so many right tokens each. */
function lengths(usual: number, accepted: readonly number[], most = usual): number[] {
  const length = new DraftLength(usual, most);
  return accepted.map((count) => {
    const { next } = length;
    length.note(next, Math.min(next, count));
    return next;
  });
}

it("is the usual one while tokens are right", () => {
  expect(lengths(7, [3, 1, 0, 7, 0, 2])).toEqual([7, 7, 7, 7, 7, 7]);
});

it("is 1 after two steps without a right token, and the usual one after a right one", () => {
  expect(lengths(3, [0, 0, 0, 1, 2, 0, 0, 1, 1])).toEqual([3, 3, 1, 1, 3, 3, 3, 1, 3]);
});

it("is 0 after four, but for every seventeenth step", () => {
  const noise = lengths(3, Array<number>(60).fill(0));
  expect(noise.slice(0, 5)).toEqual([3, 3, 1, 1, 0]);
  expect(noise.flatMap((next, i) => (next > 0 ? [i] : []))).toEqual([0, 1, 2, 3, 20, 37, 54]);
  const found = lengths(3, [...Array<number>(20).fill(0), 1, 1]);
  expect(found.slice(-3)).toEqual([0, 1, 3]);
});

it("is the most after a step of usual length that was all right, until one has fewer right tokens and a wrong one", () => {
  expect(lengths(3, [3, 5, 5, 3, 2, 3, 4, 0, 1], 5)).toEqual([3, 5, 5, 5, 5, 3, 5, 5, 3]);
});
