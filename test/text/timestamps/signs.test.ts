/** Signs go to the word that they belong to, and nothing that is written as one is cut. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterStarts, staysWithPrevious } from "../../../src/text/timestamps/graphemes.ts";
import { settle } from "../../../src/text/timestamps/timed.ts";
import { toWords } from "../../../src/text/timestamps/words.ts";

const words = (text: string): string[] =>
  toWords(
    settle(Array.from(text, (character, i) => ({ text: character, start: i / 10, source: "ctc" as const }))),
  ).map((word) => word.text);

describe("signs between words", () => {
  it.each([
    ["it costs $5 or €20", ["it", "costs", "$5", "or", "€20"]],
    ["5$ each, 5€ all", ["5$", "each,", "5€", "all"]],
    ['she said "hello there" again', ["she", "said", '"hello', 'there"', "again"]],
    ['他说："你好。"她笑', ["他", "说：", '"你', '好。"', "她", "笑"]],
    ['("yes", "no")', ['("yes",', '"no")']],
    ["Hola. ¿Qué tal? ¡Bien!", ["Hola.", "¿Qué", "tal?", "¡Bien!"]],
    ["rank #1 of #tag", ["rank", "#1", "of", "#tag"]],
    ["from -5 to +3", ["from", "-5", "to", "+3"]],
    ["C++ and C# and A+ now", ["C++", "and", "C#", "and", "A+", "now"]],
    ["mail @anna, §5 and .5", ["mail", "@anna,", "§5", "and", ".5"]],
    ["er sagt „so“ und »so« und “so”", ["er", "sagt", "„so“", "und", "»so«", "und", "“so”"]],
    ["rock 'n' roll, dogs' tails", ["rock", "'n'", "roll,", "dogs'", "tails"]],
    ["a - b , c ! d", ["a-", "b,", "c!", "d"]],
    ["100% of 3.5°C", ["100%", "of", "3.5°", "C"]],
    ["一共$5元，5月-6月", ["一", "共", "$5", "元，", "5", "月-", "6", "月"]],
    ["他说“你好”，又说「好」", ["他", "说", "“你", "好”，", "又", "说", "「好」"]],
    ["hi 👩‍💻 there 👋", ["hi👩‍💻", "there👋"]],
  ])("%s", (text, wanted) => {
    expect(words(text)).toEqual(wanted);
  });
});

describe("grapheme clusters", () => {
  it.each([
    ["กำลังที่นี่", ["กำ", "ลั", "ง", "ที่", "นี่"]],
    ["เด็กไทย", ["เด็", "ก", "ไท", "ย"]],
    ["ស្វាគមន៍", ["ស្វា", "គ", "ម", "ន៍"]],
    ["မြန်မာဗုဒ္ဓ", ["မြ", "န်", "မာ", "ဗု", "ဒ္ဓ"]],
    ["ສະບາຍດີ", ["ສະ", "ບາ", "ຍ", "ດີ"]],
    ["コーヒーとサッカー", ["コー", "ヒー", "と", "サッ", "カー"]],
    ["きょう人々", ["きょ", "う", "人々"]],
    ["か\u3099", ["か\u3099"]],
    ["ｶﾞｰﾄﾞ", ["ｶﾞｰ", "ﾄﾞ"]],
    ["葛󠄀城", ["葛󠄀", "城"]],
    ["می‌خواهم بروم", ["می‌خواهم", "بروم"]],
    ["हिन्दी में", ["हिन्दी", "में"]],
  ])("%s", (text, wanted) => {
    // ະ and า are letters of their own: whether they are clusters depends on the script.
    const loose = (list: readonly string[]): string =>
      list.join("|").replaceAll("|ະ", "ະ").replaceAll("|າ", "າ").replaceAll("|ာ", "ာ");
    expect(loose(words(text))).toBe(wanted.join("|"));
  });

  it("are found without Intl.Segmenter, too", () => {
    for (const text of ["กำลังที่", "e\u0301a", "か\u3099き", "👩‍💻👋🏽", "葛󠄀城", "می‌خو"])
      expect(clusterStarts(text, undefined), text).toEqual(clusterStarts(text));
  });

  it("never begin a word in their middle", () => {
    const unit = fc.constantFrom(...'กำที่เ มြန်ស្វාカーッ々aé1 .\u0301\u200d👩$"'.split(""));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20, size: "max" }), (text) => {
        const inner = staysWithPrevious(Array.from(text));
        const starts = clusterStarts(text);
        let at = 0;
        for (const [i, character] of Array.from(text).entries()) {
          if (!starts.has(at)) expect(inner[i]).toBe(true);
          at += character.length;
        }
      }),
    );
  });
});
