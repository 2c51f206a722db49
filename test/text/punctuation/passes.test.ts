/** How long passes get: as the original's where there are marks, bounded where there are none. */
import { describe, expect, it } from "vitest";
import { Marks } from "../../../src/text/punctuation/marks.ts";
import { LONGEST_PASS } from "../../../src/text/punctuation/passes.ts";
import { punctuateWords } from "../../../src/text/punctuation/punctuate.ts";
import { SegmentedText, writeSegment } from "../../../src/text/punctuation/segments.ts";
import { splitWords } from "../../../src/text/punctuation/words.ts";
import { textOf, writeWhole } from "../../../src/text/punctuation/written.ts";

const marks = new Marks(["<unk>", "_", "，", "。", "？", "、"], 3);

/** The class of every word is 1, but for each one of these numbers. */
const every = (count: number, mark: number) => {
  const passes: number[] = [];
  const classify = async (words: readonly string[]): Promise<number[]> => {
    passes.push(words.length);
    return words.map((word) => (count !== Infinity && Number(word) % count === 0 ? mark : 1));
  };
  return { passes, classify };
};
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

describe("passes", () => {
  it("end at the last sentence, else at a comma when they are long", async () => {
    const sentences = every(50, 3);
    await punctuateWords(numbers(2000), marks, sentences.classify);
    expect(Math.max(...sentences.passes)).toBeLessThanOrEqual(70);
    const commas = every(50, 2);
    const { text } = await punctuateWords(numbers(2000), marks, commas.classify);
    expect(Math.max(...commas.passes)).toBeLessThanOrEqual(220 + 50);
    expect(text).toContain(" 200. 201");
  });

  it("end without a mark where there is none, and lose no word", async () => {
    const none = every(Infinity, 3);
    const words = numbers(5 * LONGEST_PASS + 7);
    const found = await punctuateWords(words, marks, none.classify);
    expect(Math.max(...none.passes)).toBe(LONGEST_PASS);
    expect(found.text).toBe(` ${words.join(" ")}.`);
    expect(found.marks).toHaveLength(words.length);
  });

  it("take a text that is still being written, and are computed when the word behind them is there", async () => {
    const events: string[] = [];
    async function* words(): AsyncGenerator<string[]> {
      for (const word of numbers(50)) {
        events.push(word);
        yield [word];
      }
    }
    const { classify } = every(10, 3);
    const text: string[] = [];
    for await (const part of writeWhole(words(), marks, classify)) {
      if (text.length === 0) expect(events).toHaveLength(21);
      text.push(...part.map(textOf));
    }
    expect(text.join("")).toBe((await punctuateWords(numbers(50), marks, classify)).text);
  });
});

describe("segments", () => {
  it("carry no sentence on that does not end", async () => {
    const { passes, classify } = every(Infinity, 3);
    const stream = new SegmentedText(marks, (words) => classify(words));
    for (let i = 0; i < 60; i++) await stream.push(numbers(100).join(" "));
    expect(stream.carried.length).toBeLessThan(LONGEST_PASS);
    expect(Math.max(...passes)).toBeLessThanOrEqual(LONGEST_PASS + 100);
  });

  it.each(["你好 hello world 你 a b，", "a_", "_", "你_", "a b 。", "，"])(
    "are written word by word as in one piece: %s",
    async (text) => {
      for (const mark of [1, 2, 3, 5]) {
        const classify = async (words: readonly string[]): Promise<number[]> =>
          words.map((word) => (word === "hello" ? 2 : mark));
        const whole = await new SegmentedText(marks, classify).push(text);
        const words: string[] = [];
        for await (const part of writeSegment([splitWords(text)], marks, classify))
          words.push(...part.map(textOf));
        expect(words.join("")).toBe(whole.text);
      }
    },
  );
});
