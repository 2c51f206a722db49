import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TimedUnit } from "../../../src/text/timestamps/timed.ts";
import { toWords } from "../../../src/text/timestamps/words.ts";

/** A character each 0.1 s. */
const characters = (text: string): TimedUnit[] =>
  Array.from(text, (character, i) => ({
    text: character,
    start: i / 10,
    end: (i + 1) / 10,
    source: /[\p{L}\p{N}]/u.test(character) ? "ctc" : "interpolated",
  }));

describe("words", () => {
  it.each([
    ["大家好，2026年。", ["大", "家", "好，", "2026", "年。"]],
    ["Hello, world.", ["Hello,", "world."]],
    ["I don't know 3.14 or 7-Zip", ["I", "don't", "know", "3.14", "or", "7-Zip"]],
    ["用Python写", ["用", "Python", "写"]],
    ["(yes) 「好」", ["(yes)", "「好」"]],
    ["……嗯", ["……嗯"]],
    ["Ende. 終わり", ["Ende.", "終", "わ", "り"]],
    ["a, b", ["a,", "b"]],
    ["3.", ["3."]],
    ["안녕 세상", ["안녕", "세상"]],
    ["e\u0301t\u00e9", ["e\u0301t\u00e9"]],
    ["the ❤\ufe0f house", ["the❤\ufe0f", "house"]],
    ["❤\ufe0f yes", ["❤\ufe0fyes"]],
    ["the？ﾞ", ["the？ﾞ"]],
    ["", []],
    ["。", []],
    ["好（", ["好（"]],
  ])("of %s", (text, words) => {
    expect(toWords(characters(text)).map((word) => word.text)).toEqual(words);
  });

  it("have the times and mean scores of their letters", () => {
    const scored = characters("ab, c").map((unit, i) =>
      unit.source === "ctc" ? { ...unit, score: i / 10 } : unit,
    );
    expect(toWords(scored)).toEqual([
      { text: "ab,", start: 0, end: 0.2, source: "ctc", score: 0.05 },
      { text: "c", start: 0.4, end: 0.5, source: "ctc", score: 0.4 },
    ]);
  });

  it("lose nothing but spaces where there is a letter", () => {
    const texts = fc.string({
      unit: fc.constantFrom(..."ab1 ，.'（）-中日".split("")),
      maxLength: 20,
      size: "max",
    });
    fc.assert(
      fc.property(texts, (text) => {
        const joined = toWords(characters(text))
          .map((word) => word.text)
          .join("");
        expect(joined).toBe(/[ab1中日]/u.test(text) ? text.replaceAll(" ", "") : "");
      }),
    );
  });
});
