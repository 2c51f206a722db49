/** Values that are not numbers are refused with their place, wherever they are; all others pass. */
import { describe, expect, test } from "vitest";
import { checkFinite, checkLogProbs } from "../../src/nn/finite.ts";

describe.each([0, 7, 11])("in place %i of 12", (at) => {
  const values = (value: number): Float32Array => new Float32Array(12).fill(-0.5).with(at, value);
  const place = `in row ${Math.floor(at / 4)}, column ${at % 4}`;

  test.each([NaN, Infinity, -Infinity])("%d is not finite", (value) => {
    expect(() => checkFinite("stage", values(value), 4)).toThrow(
      expect.objectContaining({
        code: "non_finite",
        message: expect.stringContaining(`${value} ${place}`),
      }),
    );
  });

  test.each([NaN, Infinity])("%d is no logarithm of a probability", (value) => {
    expect(() => checkLogProbs("stage", values(value), 4)).toThrow(
      expect.objectContaining({
        code: "non_finite",
        message: expect.stringContaining(`${value} ${place}`),
      }),
    );
  });

  test("the largest numbers, and the logarithm of 0, pass", () => {
    const most = 3.4e38;
    for (const value of [most, -most, 0])
      expect(() => checkFinite("stage", values(value).fill(value, at), 4)).not.toThrow();
    expect(() => checkLogProbs("stage", values(-Infinity), 4)).not.toThrow();
  });
});

test("the place in a list is its row alone", () => {
  expect(() => checkFinite("stage", Float64Array.of(0, 1, NaN))).toThrow(/NaN in row 2(?!,)/u);
});
