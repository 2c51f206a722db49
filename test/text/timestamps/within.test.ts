import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../../../src/text/timestamps/timed.ts";
import type { TimedText, TimedUnit } from "../../../src/text/timestamps/timed.ts";
import { within } from "../../../src/text/timestamps/within.ts";

const timed = (text: string, ...starts: number[]): TimedUnit[] =>
  settle(
    Array.from(text, (character, i) => ({
      text: character,
      start: starts[i] ?? starts.at(-1)!,
      source: "ctc" as const,
    })),
  );

function expectOrder(units: readonly TimedText[], limit: number): void {
  for (const [i, { start, end }] of units.entries()) {
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThan(start);
    expect(end).toBeLessThanOrEqual(limit);
    expect(units[i + 1]?.start ?? limit).toBeGreaterThanOrEqual(end);
  }
}

describe("times within the audio", () => {
  it("end a character of unknown length where the audio ends", () => {
    const units = timed("好。", 2.6, 3);
    expect(units[1]).toMatchObject({ start: 3, end: 3.2 });
    const [first, last] = within(units, 3);
    expect(first).toEqual(units[0]);
    expect(last).toMatchObject({ start: 2.994, end: 3 });
  });

  it("move thirty signs after the last letter into 2.88 s", () => {
    const units = timed(`好${"!".repeat(30)}`, 2.4, 2.63);
    expect(units.at(-1)!.end).toBeGreaterThan(4.3);
    const bounded = within(units, 2.88);
    expectOrder(bounded, 2.88);
    expect(bounded[1]!.start).toBeCloseTo(2.63, 9); // they fit from here on
    expect(bounded.map(({ text }) => text).join("")).toBe(`好${"!".repeat(30)}`);
    expect(bounded[0]).toEqual(units[0]);
  });

  it("share the audio evenly where it is shorter than a tenth of a frame for each", () => {
    const bounded = within(timed("啊".repeat(1000), 0), 0.5);
    expectOrder(bounded, 0.5);
    expect(bounded[0]!.start).toBeCloseTo(0, 9);
    expect(bounded[500]!.start).toBeCloseTo(0.25, 9);
  });

  it("are the same list where everything fits", () => {
    const units = timed("大家好", 0.1, 0.3, 0.5);
    expect(within(units, 0.7)).toBe(units);
    expect(within([], 1)).toEqual([]);
  });

  it("keep order and a positive length for any units and any end", () => {
    const starts = fc.array(fc.double({ min: 0, max: 8, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(starts, fc.double({ min: 0.01, max: 9, noNaN: true }), (given, limit) => {
        const sorted = given.toSorted((a, b) => a - b);
        const units = timed("a".repeat(sorted.length), ...sorted);
        const bounded = within(units, limit);
        expectOrder(bounded, limit);
        expect(within(bounded, limit)).toBe(bounded);
      }),
    );
  });
});
