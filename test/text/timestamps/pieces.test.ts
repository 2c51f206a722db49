/** A text in timed pieces. */
import { expect, it } from "vitest";
import { timedPieces } from "../../../src/text/timestamps/pieces.ts";

it("is each word with what stands before it, and what is behind the last one", () => {
  const words = [
    { text: "one", start: 1, end: 2 },
    { text: "lost", start: 2, end: 3 },
    { text: "two", start: 3, end: 4 },
  ];
  expect(timedPieces("one, two!", words, 9)).toEqual([
    { text: "one", start: 1, end: 2 },
    { text: ", two", start: 3, end: 4 },
    { text: "!", start: 4, end: 9 },
  ]);
});

it("without words is one piece from the beginning on", () => {
  expect(timedPieces("text", [], 9)).toEqual([{ text: "text", start: 0, end: 9 }]);
  expect(timedPieces("", [], 9)).toEqual([]);
});
