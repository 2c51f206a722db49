import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPrefilter } from "../../../src/text/hotwords/prefilter.ts";
import { createPieceFilter } from "../../../src/text/hotwords/piece-filter.ts";

describe("the prefilter", () => {
  const row = (length: { minLength?: number; maxLength: number }) =>
    fc.array(fc.nat(4), { ...length, size: "max" });
  it("is the smallest edit distance to any part of the text", () => {
    fc.assert(
      fc.property(
        fc.array(row({ maxLength: 40 }), { maxLength: 8 }),
        row({ minLength: 1, maxLength: 100 }),
        row({ maxLength: 80 }),
        (patterns, long, text) => {
          const match = createPrefilter(Int32Array.from(text), 5);
          for (const some of [patterns, [...patterns, long, ...patterns]]) {
            const distances = match(some.map((pattern) => Int32Array.from(pattern)));
            expect([...distances]).toEqual(some.map((pattern) => substringDistance(pattern, text)));
          }
        },
      ),
    );
  });
});

describe("the piece filter", () => {
  it("never rules out a pattern that occurs with this many errors", () => {
    const row = (maxLength: number) => fc.array(fc.nat(9), { minLength: 1, maxLength, size: "max" });
    fc.assert(
      fc.property(row(16), row(60), (pattern, text) => {
        const mayOccur = createPieceFilter(Int32Array.from(text));
        const errors = substringDistance(pattern, text);
        for (let more = errors; more <= pattern.length; more++) {
          expect(mayOccur(Int32Array.from(pattern), more)).toBe(true);
        }
      }),
    );
  });

  it("rules out patterns that do not occur", () => {
    const mayOccur = createPieceFilter(Int32Array.from([1, 2, 3, 4, 5, 6]));
    expect(mayOccur(Int32Array.from([2, 3, 4, 7, 7, 7]), 0)).toBe(false);
    expect(mayOccur(Int32Array.from([2, 3, 4, 7, 7, 7]), 1)).toBe(true);
    expect(mayOccur(Int32Array.from([1, 2, 3]), -1)).toBe(false);
  });
});

function substringDistance(pattern: number[], text: number[]): number {
  let row = new Array<number>();
  row = text.map(() => 0);
  row.push(0);
  for (const [i, symbol] of pattern.entries()) {
    const next = [i + 1];
    for (const [j, other] of text.entries())
      next.push(
        Math.min((row[j] ?? 0) + (symbol === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1),
      );
    row = next;
  }
  return Math.min(...row);
}
