/** Times of a window become times of the recording, to the microsecond. */
import { expect, it } from "vitest";
import { delayed } from "../../src/longform/segment.ts";

const unit = (start: number, end: number) => ({ text: "a", start, end, source: "ctc" as const });

it("adds the window's place without errors of rounding", () => {
  const { characters } = delayed({ characters: [unit(0.06, 0.3), unit(1.25, 1.5)] }, 3600.1, 4000);
  expect(characters).toEqual([unit(3600.16, 3600.4), unit(3601.35, 3601.6)]);
});

it("moves no time behind the end of the window's audio", () => {
  expect(delayed({ characters: [unit(1, 2)] }, 10, 11.5).characters).toEqual([unit(11, 11.5)]);
});
