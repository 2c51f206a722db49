import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loopAtEnd, repetitions } from "../../src/decoding/loops.ts";

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
    expect(keepOf(tokens)).toBe(keep);
  });

  it("keeps the tokens before a loop", () => {
    const tokens = fc.array(fc.nat(4), { maxLength: 80, size: "max" });
    fc.assert(
      fc.property(tokens, (all) => {
        const keep = keepOf(all);
        if (keep === undefined) return;
        expect(keep).toBeLessThan(all.length);
        const kept = new Set(all.slice(0, keep));
        expect(all.slice(keep).every((token) => kept.has(token))).toBe(true);
      }),
    );
  });
});

describe("repetitions", () => {
  const [a, b] = [
    [1, 2, 3, 4, 5, 6, 7, 8],
    [11, 12, 13, 14],
  ];

  it.each([
    ["none", [1, 2, 3, 1, 2, 4], []],
    ["two passes", [9, ...a, ...a, 10], [{ start: 1, length: 8, end: 17, isLoop: false }]],
    ["an incomplete last pass", [...a, ...a, 1, 2], [{ start: 0, length: 8, end: 18, isLoop: false }]],
    ["a loop", times(a, 4), [{ start: 0, length: 8, end: 32, isLoop: true }]],
    ["a loop of one token", times([3], 20), [{ start: 0, length: 1, end: 20, isLoop: true }]],
    [
      "two loops",
      [...times(a, 4), ...times(b, 8)],
      [
        { start: 0, length: 8, end: 32, isLoop: true },
        { start: 32, length: 4, end: 64, isLoop: true },
      ],
    ],
    [
      "a repetition in each pass of another",
      times([1, 5, 6, 5, 6, 2, 3, 4], 3),
      [{ start: 0, length: 8, end: 24, isLoop: false }],
    ],
  ])("%s", (_, tokens, found) => {
    expect(repetitions(tokens)).toEqual(found);
  });

  it("finds each loop that the tokens end in", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(30), { maxLength: 20 }),
        fc.uniqueArray(fc.integer({ min: 40, max: 90 }), { minLength: 4, maxLength: 12 }),
        fc.integer({ min: 8, max: 10 }),
        (before, phrase, passes) => {
          const tokens = [...before, ...times(phrase, passes)];
          const { start, length } = loopAtEnd(tokens)!;
          expect(repetitions(tokens)).toContainEqual({ start, length, end: tokens.length, isLoop: true });
        },
      ),
    );
  });
});

/** How many tokens are up to the end of the first pass of a loop. */
function keepOf(tokens: readonly number[]): number | undefined {
  const loop = loopAtEnd(tokens);
  return loop && loop.start + loop.length;
}

function times(tokens: number[], count: number): number[] {
  return Array.from({ length: count }, () => tokens).flat();
}
