import { describe, expect, it } from "vitest";
import { shapeCues } from "../../../src/text/outputs/cues.ts";
import { alignByEdit } from "../../../src/text/timestamps/edit-align.ts";
import { settle } from "../../../src/text/timestamps/timed.ts";
import { SAMPLE, segment, transcript } from "../../helpers/builders/transcripts.ts";

const texts = (...args: Parameters<typeof shapeCues>): string[] => shapeCues(...args).map(({ text }) => text);

const ENGLISH =
  "When the committee met in the old town hall on a rainy Thursday evening, nobody expected that the discussion about " +
  "the new library would go on until midnight, because most of the members had already made up their minds and wanted " +
  "to go home before the storm reached the valley. Dr. Smith, who had come from New York, said that he could not remember " +
  "a meeting of the council which had been so long, and that the minutes of it would fill at least twenty pages.";
const CHINESE =
  "今天我们开会主要讨论三个问题，第一是图书馆的预算，第二是下个星期的天气对工程的影响，第三是新来的同学什么时候可以开始工作。" +
  "虽然大家都很忙，但是希望每个人都能准时参加，因为这次会议非常重要，而且时间也不会太长。谢谢大家！";

describe("cues", () => {
  it("begin with the first word's time, and stay for half a second", () => {
    const draft = Array.from("大家好二零二六年", (text, i) => ({
      text,
      start: (i < 3 ? 1.26 : 1.44) + i * 0.12,
    }));
    const characters = settle(alignByEdit("大家好，2026年。", draft, { offset: -0.24 }));
    const [cue] = shapeCues(transcript({ text: "", start: 1, end: 3, characters }));
    expect(cue?.text).toBe("大家好，2026年。");
    expect(cue?.start).toBeCloseTo(1.02, 6);
    expect(cue?.end).toBeCloseTo(2.04 + 0.05 + 0.5, 6); // the stop is 0.05 s behind 年
  });

  it("end with sentences and clauses where they can, and keep all punctuation", () => {
    expect(texts(SAMPLE)).toEqual([
      "大家好，2026年开会。",
      'He said: "A < B & C",\nthen left --> now; ok?',
      "你好👋，世界！",
    ]);
    expect(texts(transcript(segment(ENGLISH, 0, 0.06)))).toEqual([
      "When the committee met in the old\ntown hall on a rainy Thursday evening,",
      "nobody expected that the discussion\nabout the new library would go",
      "on until midnight,\nbecause most of the members had already",
      "made up their minds and wanted to go home\nbefore the storm reached the valley.",
      "Dr. Smith, who had come from New York,",
      "said that he could not remember a meeting\nof the council which had been so long,",
      "and that the minutes of it would fill\nat least twenty pages.",
    ]);
    expect(texts(transcript(segment(CHINESE, 0)))).toEqual([
      "今天我们开会主要讨论三个问题，\n第一是图书馆的预算，",
      "第二是下个星期的天气对工程的影响，",
      "第三是新来的同学\n什么时候可以开始工作。",
      "虽然大家都很忙，\n但是希望每个人都能准时参加，",
      "因为这次会议非常重要，\n而且时间也不会太长。谢谢大家！",
    ]);
  });

  it("do not divide what belongs together where there is no punctuation", () => {
    const speech =
      "so we take the encoder output and we pass it through the adaptor and then the language model reads it like any other " +
      "text and writes the transcript token by token which means that we can add hotwords to the prompt";
    for (const text of texts(transcript(segment(speech, 0, 0.07))))
      for (const line of text.split("\n"))
        expect(line).not.toMatch(/(?:^(?:it|output)| (?:a|an|the|to|by|and|that|we|any|can))$/u);
    const chinese = "我们把编码器的输出送到适配器里然后语言模型像读别的文字一样读它并且一个词一个词地写出来";
    for (const text of texts(transcript(segment(chinese, 0))))
      for (const line of text.split("\n")) expect(line).not.toMatch(/^[的器型码言出]|[编适语模把]$/u);
  });

  it("have lines of 42 columns, or of 18 wide characters", () => {
    const latin = "abcdefghi ".repeat(40);
    for (const text of texts(transcript(segment(latin, 0, 0.04))))
      expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(42);
    const wide = "中文和GPU和ＡＢ一起。".repeat(20);
    const lines = texts(transcript(segment(wide, 0, 0.05))).flatMap((text) => text.split("\n"));
    const width = (line: string): number =>
      Array.from(line, (sign): number => (sign < "\u1000" ? 1 : 2)).reduce((a, b) => a + b, 0);
    expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(36);
    expect(Math.max(...lines.map(width))).toBeGreaterThan(20);
  });

  it("have as many lines as are asked for", () => {
    const spoken = transcript(segment(ENGLISH, 0, 0.05));
    const counts = (maxLines: number): number[] =>
      texts(spoken, { maxLines }).map((text) => text.split("\n").length);
    expect(new Set(counts(1))).toEqual(new Set([1]));
    expect(Math.max(...counts(3))).toBe(3);
    expect(texts(spoken, { maxLines: 3 }).join(" ").replaceAll("\n", " ")).toBe(ENGLISH);
  });

  it("do not end at a point within a number or an abbreviation", () => {
    expect(texts(transcript(segment("about 3.14 or 1,000 e.g.x", 0)), { maxChars: 14 })).toEqual([
      "about 3.14\nor 1,000 e.g.x",
    ]);
  });

  it("never cut a word, and give a long one a cue of its own", () => {
    const long = transcript(segment("one two three internationalisation four", 0, 0.2));
    expect(texts(long, { maxChars: 8 })).toEqual(["one two\nthree", "internationalisation", "four"]);
  });

  it("join what is short, but end at long pauses", () => {
    const parts = [segment("Yes. ", 0), segment("I agree. ", 1.1), segment("Then go.", 4.5)];
    expect(texts(transcript(...parts))).toEqual(["Yes. I agree.", "Then go."]);
    const characters = parts.flatMap((part) => part.characters ?? []);
    expect(texts(transcript({ text: "", start: 0, end: 7, characters }))).toEqual([
      "Yes. I agree.",
      "Then go.",
    ]);
  });

  it("continue in the next segment, unless each one is to have its own", () => {
    const parts = [segment("I went to the", 0, 0.05), segment("market.", 0.7, 0.05)];
    expect(texts(transcript(...parts))).toEqual(["I went to the market."]);
    expect(texts(transcript(...parts), { borders: "segments" })).toEqual(["I went to the", "market."]);
    const chinese = [segment("我们去", 0), segment("商店。", 0.6)];
    expect(texts(transcript(...chinese))).toEqual(["我们去商店。"]);
    const long = transcript(segment(ENGLISH, 0, 0.06), segment("market.", 60, 0.05));
    expect(texts(long, { borders: "segments" }).length).toBeGreaterThan(5);
    expect(texts(long, { borders: "cues" }).map((text) => text.replaceAll("\n", " "))).toEqual([
      ENGLISH,
      "market.",
    ]);
  });

  it("have a maximum duration", () => {
    expect(texts(transcript(segment("一二三四五六七八九十", 0)), { maxSeconds: 1 })).toEqual([
      "一二三四五",
      "六七八九十",
    ]);
    const [cue] = shapeCues(transcript(segment("A", 0, 30)));
    expect(cue!.end - cue!.start).toBeLessThanOrEqual(7);
  });

  it("leave a gap of two frames, or another one", () => {
    const spoken = transcript(segment(ENGLISH, 0, 0.06));
    const gaps = (options?: Parameters<typeof shapeCues>[1]): number[] => {
      const cues = shapeCues(spoken, options);
      return cues.slice(1).map((cue, i) => cue.start - cues[i]!.end);
    };
    expect(Math.min(...gaps())).toBeCloseTo(0.08, 9);
    expect(Math.min(...gaps({ minGap: 0.3 }))).toBeCloseTo(0.3, 9);
    expect(Math.min(...gaps({ minGap: 0 }))).toBeCloseTo(0, 9);
  });

  it("stay long enough to be read, if the next one leaves the time", () => {
    const quick = (text: string, start: number) => segment(text, start, 0.02);
    const spoken = transcript(
      quick("Thirty-eight characters in 0.76 second.", 0),
      quick("Yes.", 9),
      quick("These are thirty-two characters.", 20),
      quick("And this one is next after a second.", 21.7),
    );
    const [first, second, third] = shapeCues(spoken);
    expect(first!.end).toBeCloseTo(39 / 17, 6);
    expect(second!.end - second!.start).toBeCloseTo(0.8, 6);
    expect(third!.end).toBeCloseTo(21.7 - 0.08, 6);
  });

  it("divide a segment without times evenly", () => {
    expect(shapeCues(transcript({ text: " 好。\n", start: 1, end: 2 }))).toMatchObject([
      { text: "好。", start: 1 },
    ]);
    expect(texts(transcript({ text: ENGLISH, start: 0, end: 30 }))).toHaveLength(7);
    expect(texts(transcript({ text: "。", start: 1, end: 2 }))).toEqual(["。"]);
    expect(shapeCues(transcript())).toEqual([]);
  });

  it("have no commas and full stops in the style of Chinese and Japanese", () => {
    const options = { stops: "cjk" } as const;
    expect(texts(SAMPLE, options)).toEqual([
      "大家好 2026年开会",
      'He said: "A < B & C",\nthen left --> now; ok?',
      "你好👋 世界！",
    ]);
    expect(texts(transcript(segment("他说：“苹果、梨，都好。”走吗？", 0)), options)).toEqual([
      "他说：“苹果、梨 都好”走吗？",
    ]);
    expect(texts(transcript(segment("昨日、雨が降った。", 0)), options)).toEqual(["昨日 雨が降った"]);
    expect(texts(transcript(segment("3.14，好。", 0)), options)).toEqual(["3.14 好"]);
    expect(texts(transcript(segment("Well, yes.", 0)), options)).toEqual(["Well, yes."]);
  });

  it.each([{ maxChars: 0 }, { maxLines: 0 }, { maxSeconds: NaN }, { minGap: -1 }])("refuse %o", (options) => {
    expect(() => shapeCues(SAMPLE, options)).toThrow(expect.objectContaining({ code: "bad_option" }));
  });
});
