import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { argmax, shouldStop } from "../../src/decoding/greedy.ts";

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

describe("stop rules", () => {
  const rules = { endIds: [1, 2], maxTokens: 40 };
  it.each([
    ["continues", [5, 6], undefined],
    ["before the first token", [], undefined],
    ["at an end token, which is not kept", [5, 6, 2], { reason: "end", keep: 2 }],
    ["at once", [1], { reason: "end", keep: 0 }],
    ["at the limit", Array.from({ length: 40 }, (_, i) => 10 + i), { reason: "length", keep: 40 }],
    [
      "in a loop",
      Array.from({ length: 20 }, () => 7),
      { reason: "loop", keep: 1, cut: { start: 0, length: 1, spoken: false } },
    ],
  ])("%s", (_, tokens, stop) => {
    expect(shouldStop(tokens, rules)).toEqual(stop);
  });

  it("lets a loop go on for as long as its judge says, and cuts it where that says", () => {
    const judgeLoop = () => ({ keep: 25, until: 28, spoken: true });
    const stops = Array.from({ length: 28 }, (_, i) =>
      shouldStop(Array<number>(i + 1).fill(7), { ...rules, judgeLoop }),
    );
    expect(stops.slice(0, -1).every((stop) => stop === undefined)).toBe(true);
    expect(stops.at(-1)).toEqual({ reason: "loop", keep: 25, cut: { start: 0, length: 1, spoken: true } });
  });
});
