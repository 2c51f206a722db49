import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toPhonemes } from "../../../src/text/hotwords/phonemes.ts";
import { soundCost } from "../../../src/text/hotwords/sound-cost.ts";

/** "sh ui 4 | q ian 2": sounds with bars between words. */
const spelled = (text: string): string =>
  toPhonemes(text)
    .map(({ value, endsWord }) => value + (endsWord ? " |" : ""))
    .join(" ")
    .replace(/ \|$/u, "");

describe("phonemes", () => {
  it.each([
    ["睡前消息", "sh ui 4 | q ian 2 | x iao 1 | x i 1"],
    ["督工", "d u 1 | g ong 1"],
    ["7-Zip", "7 | z i p"],
    ["西安", "x i 1 | an 1"],
    ["Visual Studio", "v i s u a l | s t u d i o"],
    ["CapsWriter", "c a p s | w r i t e r"],
    ["GPT4o", "g p t | 4 | o"],
    ["银行行长", "y in 2 | h ang 2 | h ang 2 | zh ang 3"],
    ["一不做", "y i 1 | b u 4 | z uo 4"],
    ["好了", "h ao 3 | l e 5"],
    ["用Python写", "y ong 4 | p y t h o n | x ie 3"],
    ["ありがとう東京", "あ り が と う | d ong 1 | j ing 1"],
    ["，。!? 🎉", ""],
    ["", ""],
  ])("of %s", (text, expected) => {
    expect(spelled(text)).toBe(expected);
  });

  it.each(["睡前消息，用Python写", "7-Zip 与 GPT4o", "一", "安", "ありがとう東京"])(
    "of %s start a word where the one before ends one",
    (text) => {
      const phonemes = toPhonemes(text);
      expect(phonemes.map(({ startsWord }) => startsWord)).toEqual(
        phonemes.map((_, i) => i === 0 || phonemes[i - 1]!.endsWord),
      );
      expect(phonemes.at(-1)!.endsWord).toBe(true);
    },
  );

  it("have their places in the text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("中", "文", "a", "B", "1", "，", " ", "𠮷", "🎉") }),
        (text) => {
          const spans = toPhonemes(text).map(({ start, end }) => text.slice(start, end));
          expect(spans.every((span) => /^(?:[中文𠮷]|[aB1])$/u.test(span))).toBe(true);
          const starts = toPhonemes(text).map(({ start }) => start);
          expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        },
      ),
    );
  });
});

describe("the cost of taking one phoneme for another", () => {
  const [sh, ui, four] = toPhonemes("睡");
  const one = (text: string, index: number) => toPhonemes(text)[index]!;
  it.each([
    ["equal", sh!, one("是", 0), 0],
    ["similar initials", sh!, one("丝", 0), 0.5],
    ["the same the other way round", one("丝", 0), sh!, 0.5],
    ["different", ui!, one("丝", 1), 1],
    ["tones", four!, one("丝", 2), 0.5],
    ["a tone for a final", four!, ui!, 0.5],
    ["similar is not transitive: b for t", one("不", 0), one("特", 0), 1],
    ["p is near both", one("怕", 0), one("特", 0), 0.5],
    ["another language", one("d", 0), one("督", 0), 1],
    ["a digit and a tone", one("4", 0), four!, 1],
    ["letters", one("a", 0), one("b", 0), 1],
  ])("%s", (_, a, b, cost) => {
    expect(soundCost(a, b)).toBe(cost);
  });
});
