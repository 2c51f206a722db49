import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdits, editUnits } from "../../../src/text/hotwords/edits.ts";
import type { TimedUnit } from "../../../src/text/timestamps/timed.ts";

/** Characters of a tenth of a second each. */
const timed = (text: string): TimedUnit[] =>
  Array.from(text, (character, i) => ({
    text: character,
    start: i / 10,
    end: (i + 1) / 10,
    source: "ctc",
    score: 1 / (i + 1),
  }));
const spans = (units: TimedUnit[]): unknown[] =>
  units.map(({ text, start, end }) => [text, Math.round(start * 100), Math.round(end * 100)]);

describe("edits", () => {
  it("give new characters the time of the old ones", () => {
    const units = editUnits(timed("杜工说"), [{ start: 0, end: 2, text: "督导工" }]);
    expect(spans(units)).toEqual([
      ["督", 0, 7],
      ["导", 7, 13],
      ["工", 13, 20],
      ["说", 20, 30],
    ]);
    expect(units[0]).toMatchObject({ source: "ctc", score: 0.5 });
  });

  it("delete and insert", () => {
    expect(spans(editUnits(timed("a嗯b"), [{ start: 1, end: 2, text: "" }]))).toEqual([
      ["a", 0, 10],
      ["b", 20, 30],
    ]);
    const put = editUnits(timed("ab"), [{ start: 1, end: 1, text: "-" }]);
    expect(put.map(({ text, source }) => [text, source])).toEqual([
      ["a", "ctc"],
      ["-", "interpolated"],
      ["b", "ctc"],
    ]);
  });

  it("give the same text for characters as for strings, with increasing times", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "中", "𠮷"), minLength: 1, maxLength: 12 });
    const cuts = fc.array(fc.tuple(fc.nat(12), fc.nat(3), fc.constantFrom("", "x", "yz", "天气")));
    fc.assert(
      fc.property(text, cuts, (original, wanted) => {
        const offsets = [0];
        for (const character of original) offsets.push(offsets.at(-1)! + character.length);
        const edits: { start: number; end: number; text: string }[] = [];
        let from = 0; // in characters
        for (const [skip, count, put] of wanted) {
          const [start, end] = [from + skip, from + skip + count];
          if (end >= offsets.length) break;
          edits.push({ start: offsets[start]!, end: offsets[end]!, text: put });
          from = end;
        }
        const units = editUnits(timed(original), edits);
        expect(units.map((unit) => unit.text).join("")).toBe(applyEdits(original, edits));
        for (const [i, { start, end }] of units.entries()) {
          expect(end).toBeGreaterThan(start);
          expect(units[i + 1]?.start ?? Infinity).toBeGreaterThanOrEqual(end);
        }
      }),
    );
  });
});
