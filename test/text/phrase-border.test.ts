import { describe, expect, it } from "vitest";
import { atPhraseBorder, withoutClauseMark } from "../../src/text/phrase-border.ts";

const chars = (text: string): string[] => Array.from(text);
const words = (text: string): string[] => text.match(/\s?[^\s.,?!]+|[.,?!]/gu) ?? [];

describe("the border of a loop's phrase", () => {
  it.each([
    ["at once", chars("好。早上好。早上好。早上好。"), { start: 2, length: 4 }, 2],
    [
      "behind a sentence in its middle",
      chars("早上好。他来早上好。他来早上好。他来"),
      { start: 0, length: 6 },
      4,
    ],
    ["behind a clause", chars("来早上好，早上好，早上好，早上"), { start: 2, length: 4 }, 1],
    [
      "at a first word with another case",
      words("My dog ran. My dog ran. My dog ran."),
      { start: 1, length: 4 },
      0,
    ],
    ["after a first word that differs", chars("她每天上他每天上他每天上他"), { start: 1, length: 4 }, 4],
    ["without any", chars("甲乙丙丁每天上每天上每天上"), { start: 4, length: 3 }, 4],
  ])("%s", (_, pieces, loop, start) => {
    expect(atPhraseBorder(pieces, loop)).toEqual({ ...loop, start });
  });

  it("leaves out the comma that a cut text ends with", () => {
    expect(withoutClauseMark(chars("早上好，"))).toBe(3);
    expect(withoutClauseMark(chars("早上好。"))).toBe(4);
    expect(withoutClauseMark(chars("，"))).toBe(0);
  });
});
