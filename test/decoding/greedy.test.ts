import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { argmax, findLoop, shouldStop } from "../../src/decoding/greedy.ts";

describe("argmax", () => {
  it("takes the lowest of equals", () => {
    expect(argmax(Float32Array.of(1, 3, 2, 3))).toBe(1);
    expect(argmax(Float32Array.of(-0, 0))).toBe(0);
    expect(argmax(Float32Array.of(-Infinity, -Infinity))).toBe(0);
    expect(argmax(Float32Array.of(0, Infinity, -Infinity))).toBe(1);
  });

  it("finds the value of Math.max", () => {
    const floats = fc.float32Array({ minLength: 1, noNaN: true });
    fc.assert(
      fc.property(floats, (values) => {
        expect(argmax(values)).toBe(values.indexOf(Math.max(...values)));
      }),
    );
  });

  it.each([[[NaN]], [[1, NaN]], [[NaN, 1]], [[]]])("refuses %j", (values) => {
    expect(() => argmax(Float32Array.from(values))).toThrow(expect.objectContaining({ code: "non_finite" }));
  });
});

describe("loops", () => {
  const text = [5, 6, 7, 8, 9, 10, 11];
  const phrase = [20, 21, 22, 23, 24, 20, 25, 26, 27];

  it.each([
    ["normal text", Array.from({ length: 200 }, (_, i) => (i * i) % 101), undefined],
    ["19 equal tokens", [...text, ...times([3], 19)], undefined],
    ["20 equal tokens", [...text, ...times([3], 20)], 8],
    ["200 equal tokens", [...text, ...times([3], 200)], 8],
    ["two alternating tokens, 28", [...text, ...times([1, 2], 14)], undefined],
    ["two alternating tokens, 30", [...text, ...times([1, 2], 15)], 9],
    ["three alternating tokens", [...text, ...times([1, 2, 3], 10)], 10],
    ["four alternating tokens, 28", [...text, ...times([1, 2, 3, 4], 7)], undefined],
    ["four alternating tokens, 30", [...text, ...times([1, 2, 3, 4], 7), 1, 2], 11],
    ["a phrase of nine, not quite four times", [...text, ...times(phrase, 4).slice(0, -1)], undefined],
    ["a phrase of nine, four times", [...text, ...times(phrase, 4)], 16],
    [
      "a phrase of 41, four times",
      times(
        Array.from({ length: 41 }, (_, i) => i),
        4,
      ),
      undefined,
    ],
    ["nothing", [], undefined],
    ["a loop from the start", times([7], 20), 1],
  ])("%s", (_, tokens, keep) => {
    expect(findLoop(tokens)).toBe(keep);
  });

  it("keeps the tokens before a loop", () => {
    const tokens = fc.array(fc.nat(4), { maxLength: 80, size: "max" });
    fc.assert(
      fc.property(tokens, (all) => {
        const keep = findLoop(all);
        if (keep === undefined) return;
        expect(keep).toBeLessThan(all.length);
        const kept = new Set(all.slice(0, keep));
        expect(all.slice(keep).every((token) => kept.has(token))).toBe(true);
      }),
    );
  });
});

describe("stop rules", () => {
  const rules = { endIds: [1, 2], maxTokens: 40 };
  it.each([
    ["continues", [5, 6], undefined],
    ["before the first token", [], undefined],
    ["at an end token, which is not kept", [5, 6, 2], { reason: "end", keep: 2 }],
    ["at once", [1], { reason: "end", keep: 0 }],
    ["at the limit", Array.from({ length: 40 }, (_, i) => 10 + i), { reason: "length", keep: 40 }],
    ["in a loop", Array.from({ length: 20 }, () => 7), { reason: "loop", keep: 1 }],
  ])("%s", (_, tokens, stop) => {
    expect(shouldStop(tokens, rules)).toEqual(stop);
  });
});

function times(tokens: number[], count: number): number[] {
  return Array.from({ length: count }, () => tokens).flat();
}
