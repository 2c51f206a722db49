import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignByEdit } from "../../../src/text/timestamps/edit-align.ts";
import { settle } from "../../../src/text/timestamps/timed.ts";
import { shared } from "../../helpers/environment/shared.ts";

type Piece = { text: string; start: number };
const pieces = (...list: [string, number][]): Piece[] => list.map(([text, start]) => ({ text, start }));
const DATE = pieces(
  ["大", 1.26],
  ["家", 1.38],
  ["好", 1.5],
  ["二", 1.8],
  ["零", 1.92],
  ["二", 2.04],
  ["六", 2.16],
  ["年", 2.28],
);

function times(text: string, draft: Piece[], offset?: number): number[] {
  const units = alignByEdit(text, draft, offset === undefined ? {} : { offset });
  expect(units.map((unit) => unit.text).join("")).toBe(text);
  return units.map(({ start }) => Math.round(start * 100) / 100);
}

describe("times by comparing texts", () => {
  it("takes the time of a differing partner, too, and interpolates the rest", () => {
    expect(times("大家好，2026年。", DATE)).toEqual([
      1.26, 1.38, 1.5, 1.65, 1.8, 1.92, 2.04, 2.16, 2.28, 2.33,
    ]);
    const sources = alignByEdit("大家好，2026年。", DATE).map(({ source }) => source);
    expect(sources.flatMap((source, i) => (source === "interpolated" ? [i] : []))).toEqual([3, 9]);
  });

  it("refuses a text that is far too long for the draft", () => {
    const draft = pieces(["好".repeat(10_000), 1]);
    expect(() => alignByEdit("好".repeat(60_000), draft)).toThrow(
      expect.objectContaining({
        code: "bad_option",
        message: expect.stringMatching(/60000 characters for a draft of 10000/u),
      }),
    );
  });

  it("shifts by the constants of both published versions", () => {
    expect(times("大家好，2026年", DATE, -0.03)).toEqual([
      1.23, 1.35, 1.47, 1.62, 1.77, 1.89, 2.01, 2.13, 2.25,
    ]);
    expect(times("大家好，2026年", DATE, -0.24)).toEqual([
      1.02, 1.14, 1.26, 1.41, 1.56, 1.68, 1.8, 1.92, 2.04,
    ]);
  });

  it("gives 督 the time of 杜", () => {
    const draft = pieces(["杜", 0.3], ["工", 0.48], ["你", 0.66], ["好", 0.84]);
    expect(times("督工，你好。", draft)).toEqual([0.3, 0.48, 0.57, 0.66, 0.84, 0.89]);
  });

  it("spreads a label over its characters", () => {
    const draft = pieces([" hello", 0.3], [" world", 0.9]);
    expect(times("Hello, world.", draft)).toEqual([
      0.38, 0.46, 0.54, 0.62, 0.7, 0.8, 0.9, 0.98, 1.06, 1.14, 1.22, 1.3, 1.35,
    ]);
  });

  it("prefers the diagonal, then skipping the draft's character, among equals", () => {
    expect(times("z", pieces(["x", 1], ["y", 2]))).toEqual([2]);
    expect(times("yz", pieces(["x", 1]))).toEqual([0.95, 1]);
    expect(times("ab", pieces(["b", 1], ["a", 2]))).toEqual([0.95, 1]);
  });

  it("handles characters before the first partner, and no partner at all", () => {
    expect(times("，好", pieces(["好", 0.02]))).toEqual([0, 0.02]);
    expect(times("你好", [])).toEqual([0, 0]);
    expect(times("", DATE)).toEqual([]);
  });

  const log = shared("golden/fun-asr-gguf-log.json");
  it.skipIf(log === undefined)("gives the times of the published log", () => {
    const { characterTimes } = JSON.parse(readFileSync(log!, "utf8")) as {
      characterTimes: [number, string][];
    };
    const published = characterTimes.slice(0, 9);
    expect(times(published.map(([, text]) => text).join(""), DATE, -0.03)).toEqual(
      published.map(([time]) => time),
    );
  });

  it("finds a best alignment: the score is that of a plain recursion", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
    fc.assert(
      fc.property(letters, letters, (draft, text) => {
        const units = alignByEdit(
          text,
          Array.from(draft, (letter, i) => ({ text: letter, start: i + 1 })),
        );
        const partners = units.flatMap(({ start, source }, j) =>
          source === "ctc" ? [[start - 1, j] as const] : [],
        );
        const matched = partners.filter(([i, j]) => draft[i] === text[j]).length;
        const gaps = draft.length + text.length - 2 * partners.length;
        expect(partners).toEqual(partners.toSorted((a, b) => a[0] - b[0]));
        expect(matched - (partners.length - matched) - gaps).toBe(bestScore(draft, text));
      }),
    );
  });
});

describe("settled times", () => {
  it("increase, have a length, and do not overlap, for any input", () => {
    const rough = fc.array(
      fc.record({
        text: fc.constant("x"),
        start: fc.integer({ min: 0, max: 200 }).map((x) => x / 50),
        end: fc.option(
          fc.integer({ min: 0, max: 300 }).map((x) => x / 50),
          { nil: undefined },
        ),
        source: fc.constant("ctc" as const),
      }),
    );
    fc.assert(
      fc.property(rough, (units) => {
        const settled = settle(units.toSorted((a, b) => a.start - b.start));
        for (const [i, { start, end }] of settled.entries()) {
          expect(end - start).toBeGreaterThan(0.005);
          expect(settled[i + 1]?.start ?? Infinity).toBeGreaterThanOrEqual(end);
        }
      }),
    );
  });

  it("take room for a space or punctuation from the unit before, and do not change the one after", () => {
    const timed = (text: string, start: number, end: number) => ({
      text,
      start,
      end,
      source: "ctc" as const,
    });
    const touching = [
      timed("好", 0.3, 0.6),
      timed("，", 0.6, 0.6),
      timed("」", 0.6, 0.6),
      timed("天", 0.6, 0.9),
    ];
    const settled = settle(touching);
    expect(settled.map(({ start }) => Math.round(start * 1000))).toEqual([300, 588, 594, 600]);
    expect(settled.map(({ end }) => Math.round(end * 1000))).toEqual([588, 594, 600, 900]);
  });

  it("keeps known times and spreads those that coincide", () => {
    const unit = (text: string, start: number, end?: number) => ({
      text,
      start,
      end,
      source: "ctc" as const,
    });
    expect(settle([unit("a", 0), unit("b", 0), unit("c", 0.12, 0.18), unit("d", 1), unit("e", 1)])).toEqual([
      { text: "a", start: 0, end: 0.06, source: "ctc" },
      { text: "b", start: 0.06, end: 0.12, source: "ctc" },
      { text: "c", start: 0.12, end: 0.18, source: "ctc" },
      { text: "d", start: 1, end: 1.06, source: "ctc" },
      { text: "e", start: 1.06, end: 1.26, source: "ctc" },
    ]);
  });
});

function bestScore(draft: string, text: string): number {
  if (draft === "" || text === "") return 0 - (draft.length + text.length);
  const both = bestScore(draft.slice(1), text.slice(1)) + (draft[0] === text[0] ? 1 : -1);
  return Math.max(both, bestScore(draft.slice(1), text) - 1, bestScore(draft, text.slice(1)) - 1);
}
