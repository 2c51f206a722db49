import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spokenPasses } from "../../src/text/spoken-passes.ts";

const count = (before: string, phrase: string, draft: string, most?: number) =>
  spokenPasses(before, phrase, Array.from(draft), most);

describe("passes that a draft has", () => {
  it.each([
    ["all", "", "早上好，", "早上好".repeat(7), 7],
    ["behind other text", "他说河边。", "早上好，", `他说河边${"早上好".repeat(5)}`, 5],
    ["before other text", "", "早上好，", `${"早上好".repeat(5)}天气预报说今天会有雨`, 5],
    ["of English", "", "My brother left.", `${"mybrotherleft".repeat(6)}couldyousend`, 6],
    ["of laughs", "他笑了", "哈", `他笑了${"哈".repeat(24)}`, 24],
    ["of digits in English", "", " 7", "seven".repeat(7), 7],
    ["of digits in Chinese", "", "7", `${"七".repeat(9)}年`, 9],
    ["of numbers", "", "往前走6700米，", "往前走六千七百米".repeat(5), 5],
    ["with errors of the draft", "", "天气预报说", "天起预报说天气预报所it天气与报说", 3],
    ["none", "他说", "早上好", "他说河边最热闹", 0],
    ["none in an empty draft", "", "早上好", "", 0],
    ["none of a mark", "好", "！", "好", 0],
  ])("%s", (_, before, phrase, draft, expected) => {
    expect(count(before, phrase, draft).count).toBe(expected);
  });

  it("says where the draft goes on, and whether that is certain", () => {
    expect(count("他说", "早上好", "他说早上好早上好天气预报", 1)).toEqual({
      count: 1,
      end: 5,
      certain: true,
    });
    expect(count("他说", "早上好", "他说早上好早上好天气预报")).toEqual({ count: 2, end: 8, certain: true });
    expect(count("别的文字", "早上好", "天气预报说今天会有雨").certain).toBe(false);
    // of eleven characters, the draft lacks eight
    expect(count("天气预报说会有雨", "早上好", "早上好")).toEqual({ count: 1, end: 3, certain: false });
  });

  it("counts no pass of other letters", () => {
    const words = (letters: string) =>
      fc.string({ unit: fc.constantFrom(...Array.from(letters)), minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(words("abcdef"), words("uvwxyz"), fc.integer({ min: 1, max: 9 }), (phrase, other, n) => {
        expect(count("", phrase, phrase.repeat(n) + other).count).toBeGreaterThanOrEqual(n);
        expect(count("", phrase, other).count).toBe(0);
      }),
    );
  });
});
