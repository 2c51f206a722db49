/** English words by their sounds: names with several spellings, homophones of the dictionary, and words that differ. */
import { describe, expect, it } from "vitest";
import { englishSounds } from "../../../src/text/hotwords/english-sounds.ts";
import { Hotwords } from "../../../src/text/hotwords/hotwords.ts";
import { createAligner } from "../../../src/text/hotwords/phoneme-alignment.ts";
import { toPhonemes } from "../../../src/text/hotwords/phonemes.ts";
import { SoundTable } from "../../../src/text/hotwords/sound-cost.ts";
import { searchesOf, soundIdentical } from "../../../tools/eval/homophones.ts";
import type { Search } from "../../../tools/eval/homophones.ts";
import { searchIn, SPELLED } from "../../../tools/eval/sound-rules.ts";

const offered = (word: string, draft: string): boolean => new Hotwords([word]).match(draft).includes(word);

describe("English sounds", () => {
  it.each(
    [
      "night knight, right write, phase faze, cell sell, whole hole, rap wrap, rain rein, bee be, made maid",
      "sun son, flour flower, new knew, jim gym, site sight, cite site, wood would, plum plumb, kernel colonel",
    ]
      .join(", ")
      .split(", ")
      .map((pair) => pair.split(" ") as [string, string]),
  )("%s and %s differ by vowels at most, but for the irregular ones", (one, other) => {
    const consonants = (word: string): string =>
      englishSounds(word)
        .filter((sound) => !/[aeiou]/u.test(sound))
        .join("");
    // Silent letters, soft g and voiced s that no rule knows.
    const irregular = ["kernel", "wood", "jim", "phase"].includes(one);
    expect(consonants(one) === consonants(other)).toBe(!irregular);
  });

  it("are those of the word at the word's place; numbers, Chinese and capitals stay as they are", () => {
    const sounds = (text: string): string =>
      toPhonemes(text, "read")
        .map(({ value, start, end }) => `${value}${start}-${end}`)
        .join(" ");
    expect(sounds("Knight 7")).toBe("n0-6 i0-6 t0-6 77-8");
    expect(sounds("FBI")).toBe("f0-1 b1-2 i2-3");
    expect(toPhonemes("大雨", "read")).toEqual(toPhonemes("大雨"));
    expect(toPhonemes("naïve", "read")).toEqual(toPhonemes("naïve"));
  });
});

describe("a hotword", () => {
  it.each([
    ["Kathryn More", "do you know catherine moore from seattle"],
    ["Philip Soyer", "my friend philip sawyer moved to australia"],
    ["Phillip Johnston", "philip johnson will pay the bill"],
    ["Stephen", "my friend steven"],
    ["Teresa Leigh", "i met theresa lee at the beach"],
    ["Knightley", "mister nightly came"],
    ["Reid", "the reed family"],
    ["Geoffrey", "give it to jeffrey"],
    ["Thompson", "call tomson please"],
    ["Xavier", "is zavier here"],
    ["Wright", "ask mister right"],
    ["特斯拉 Catherine", "我要特斯拉 kathryn"],
  ])("%s is offered for %s", (word, draft) => {
    expect(offered(word, draft)).toBe(true);
  });

  it.each([
    ["Mark", "the market is behind the library"],
    ["Matthew Grey", "the gray suitcase is mine the yellow one is yours"],
    ["Ann Stuart", "the forecast promises thunder and snow on saturday"],
    ["Rachel Green", "the children never ate soup with chicken"],
    ["Jon Moore", "my room number is three hundred thirty seven"],
    ["Anne Reid", "i have a car i need to see a doctor"],
    ["John Soyer", "anne sawyer likes chess and tennis"],
  ])("%s is not offered for %s", (word, draft) => {
    expect(offered(word, draft)).toBe(false);
  });

  // The words of a dictionary of pronunciations that were not used to choose the rule.
  it("of two words is offered where both were spoken in other spellings, not for one of them", () => {
    const { spoken, half } = searchesOf(1, 2, []);
    const bySoundAlone = ({ name, text }: Search): boolean => {
      const [hit] = new Hotwords([name]).explain(text);
      return (
        hit?.offered === true && !soundIdentical(name, hit.heard) && searchIn(text)(name).spelled < SPELLED
      );
    };
    const found = spoken.filter(({ name, text }) => offered(name, text)).length;
    expect(found / spoken.length).toBeGreaterThan(0.96);
    expect(half.length).toBeGreaterThan(2900);
    expect(half.filter(bySoundAlone)).toEqual([]);
  });

  it("is looked for elsewhere where the best place is refused", () => {
    const table = new SoundTable();
    const sounds = (text: string) => {
      const phonemes = toPhonemes(text, "read");
      return { phonemes, symbols: table.symbols(phonemes) };
    };
    const [word, text] = [sounds("Catherine"), sounds("catherine or kathryn")];
    const best = createAligner(text, table).best(word, 0.8);
    const other = createAligner(text, table).best(word, 0.8, ({ from }) => from > 0);
    expect([best, other]).toMatchObject([{ from: 0, score: 1 }, { to: text.symbols.length }]);
    expect(createAligner(text, table).best(word, 0.8, () => false)).toBeUndefined();
  });

  it("has the place of the words that it was found at, and the score of its sounds", () => {
    const [hit] = new Hotwords(["Kathryn More"]).explain("do you know catherine moore from seattle");
    expect(hit).toMatchObject({ heard: "catherine moore", start: 12, end: 27, offered: true });
    // One sound more, and another vowel, which costs half.
    expect(hit!.score).toBeCloseTo(1 - 1.5 / 9, 6);
  });

  it("replaces no text that is spelled in another way, which may be a word of its own", () => {
    expect(new Hotwords(["Knight"]).correct("good night").text).toBe("good night");
    expect(new Hotwords(["Knight"]).correct("sir knight").text).toBe("sir Knight");
  });
});
