/** Characters of a text from the times of its pieces. */
import { describe, expect, it } from "vitest";
import { placeCharacters } from "../../../src/text/timestamps/place.ts";

describe("placeCharacters", () => {
  it("shares a piece's time among its characters and puts the rest in between", () => {
    const pieces = [
      { text: "ab", start: 1, end: 1.4, score: 0.5 },
      { text: "好", start: 2, end: 2.2 },
    ];
    expect(placeCharacters("ab 好。", pieces, "cif")).toEqual([
      { text: "a", start: 1, end: 1.2, source: "cif", score: 0.5 },
      { text: "b", start: 1.2, end: 1.4, source: "cif", score: 0.5 },
      { text: " ", start: 1.4, end: expect.closeTo(1.6), source: "interpolated" },
      { text: "好", start: 2, end: 2.2, source: "cif" },
      { text: "。", start: 2.2, end: expect.closeTo(2.4), source: "interpolated" },
    ]);
  });

  it("skips a piece that is not in the text, and leaves no character out", () => {
    const placed = placeCharacters("在。", [{ text: "x", start: 1, end: 2 }], "ctc");
    expect(placed.map(({ text }) => text)).toEqual(["在", "。"]);
    expect(placed.every(({ source, start, end }) => source === "interpolated" && end > start)).toBe(true);
  });
});
