import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeOverlap } from "../../../src/text/timestamps/merge.ts";
import type { TimedText } from "../../../src/text/timestamps/timed.ts";

function timed(text: string, starts: number[], offset = 0): TimedText[] {
  return Array.from(text, (character, i) => {
    const start = offset + (starts[i] ?? NaN);
    return { text: character, start, end: start + 0.1 };
  });
}
const show = (units: readonly TimedText[]): string =>
  units.map(({ text, start }) => `${text}${start.toFixed(2).replace(/0$/u, "")}`).join(" ");

describe("two windows become one", () => {
  const overlap = { start: 56, end: 60 };
  const before = timed("这放在东亚。", [57, 57.2, 57.4, 57.6, 57.8, 57.85]);

  it("joins inside the block that both have", () => {
    const after = timed(
      "架飞机这放在东亚或者欧洲",
      [0.1, 0.3, 0.5, 1, 1.2, 1.4, 1.6, 1.8, 2.2, 2.4, 2.8, 3],
      56,
    );
    const { units, dropped } = mergeOverlap(before, after, overlap);
    expect(show(units)).toBe("这57.0 放57.2 在57.4 东57.6 亚57.8 或58.2 者58.4 欧58.8 洲59.0");
    expect(dropped).toBe("");
  });

  it("appends new characters when they share nothing, and reports the dropped ones", () => {
    const { units, dropped } = mergeOverlap(before, timed("完全不同", [0.5, 2.2, 3, 3.2], 56), overlap);
    expect(units.map(({ text }) => text).join("")).toBe("这放在东亚。全不同");
    expect(dropped).toBe("完");
  });

  it("does not take the same words at another time for a block", () => {
    const after = timed("东亚新", [2.6, 2.8, 3], 56);
    const { units } = mergeOverlap(before, after, overlap);
    expect(units.map(({ text }) => text).join("")).toBe("这放在东亚。东亚新");
  });

  it("keeps one of two punctuation marks at the join, and all of those elsewhere", () => {
    const first = timed("是的……。", [50, 50.2, 50.3, 50.4, 50.5]);
    const { units } = mergeOverlap(first, timed("。好", [3, 3.2], 56), overlap);
    expect(units.map(({ text }) => text).join("")).toBe("是的……。好");
  });

  it("takes the earliest of equal blocks", () => {
    const first = timed("啊啊啊啊", [57, 57.1, 57.2, 57.3]);
    const { units } = mergeOverlap(first, timed("啊啊啊啊", [1, 1.1, 1.2, 1.3], 56), overlap);
    expect(show(units)).toBe("啊57.0 啊57.1 啊57.2 啊57.3");
  });

  it("rebuilds any text cut into overlapping windows", () => {
    const texts = fc.array(fc.constantFrom("中", "文", "a", "b", "c"), { minLength: 40, maxLength: 120 });
    fc.assert(
      fc.property(texts, (letters) => {
        const all = timed(
          letters.join(""),
          letters.map((_, i) => i / 4),
        );
        const length = letters.length / 4;
        const windows = [0, 6, 12, 18, 24]
          .filter((start) => start === 0 || start + 2 < length)
          .map((start) => ({ start, end: Math.min(start + 8, length) }));
        let merged: readonly TimedText[] = [];
        for (const [i, { start, end }] of windows.entries()) {
          const own = all.filter((unit) => unit.start >= start && unit.start < end);
          const previous = windows[i - 1]?.end ?? start;
          merged = mergeOverlap(merged, own, { start, end: previous }).units;
        }
        expect(show(merged)).toBe(show(all));
      }),
    );
  });

  it("starts from an empty text", () => {
    expect(mergeOverlap([], before, { start: 0, end: 0 }).units).toEqual(before);
  });
});
