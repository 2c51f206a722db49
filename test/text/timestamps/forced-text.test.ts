import { describe, expect, it } from "vitest";
import type { CtcScores } from "../../../src/decoding/ctc.ts";
import { CtcTokens } from "../../../src/text/ctc-tokens.ts";
import { alignByCtc } from "../../../src/text/timestamps/forced-text.ts";
import { numberReadings } from "../../../src/text/timestamps/number-readings.ts";
import { settle } from "../../../src/text/timestamps/timed.ts";
import { tokenizers } from "../../helpers/environment/text-fixtures.ts";

const tokens = new CtcTokens({ table: tokenizers.ctc.table });

/** Posteriors in which each label of `spoken` peaks in the frame given for it, and blanks everywhere else. */
function say(
  spoken: string,
  every = 4,
): { scores: Pick<CtcScores, "frames" | "of">; frameOf: (label: number) => number; labels: number } {
  const ids = tokens.encode(spoken);
  const frames = ids.length * every + 1;
  const logProbs = new Float32Array(frames * tokens.size).fill(Math.log(1e-5));
  for (let t = 0; t < frames; t++) {
    const label = t % every === 1 ? ids[Math.floor(t / every)] : undefined;
    logProbs[t * tokens.size + (label ?? tokens.blankId)] = Math.log(0.9);
  }
  return {
    scores: { frames, of: async () => ({ logProbs, frames, vocabSize: tokens.size }) },
    frameOf: (label) => label * every + 1,
    labels: ids.length,
  };
}

describe("times by forced alignment", () => {
  /** Frames that a unit spans. */
  const span = ({ start = NaN, end = NaN }: { start?: number; end?: number | undefined } = {}): number[] =>
    [start, end].map((time) => Math.round((time / 0.06) * 1000) / 1000);

  it("finds each character in its label's frames and half of the blanks between two", async () => {
    const { scores, labels } = say("qzxj", 3); // labels in frames 1, 4, 7 and 10 of 13
    expect(labels).toBe(4);
    const units = (await alignByCtc("qzxj", scores, tokens)) ?? [];
    expect(units.map(({ text, source }) => text + source)).toEqual(["qctc", "zctc", "xctc", "jctc"]);
    expect(units.map(span)).toEqual([
      [0, 3],
      [3, 6],
      [6, 9],
      [9, 12.5],
    ]);
    for (const { score } of units) expect(score).toBeCloseTo(0.9, 5);
  });

  it("gives the rest of a longer silence to no character", async () => {
    const { scores } = say("qz", 10); // labels in frames 1 and 11 of 21
    const units = (await alignByCtc("qz", scores, tokens)) ?? [];
    expect(units.map(span)).toEqual([
      [0, 3.5],
      [9.5, 13.5],
    ]);
  });

  it("ends with the audio", async () => {
    const scores = say("q", 2).scores; // a label in frame 1 of 3
    expect((await alignByCtc("q", scores, tokens))?.map(span)).toEqual([[0, 3]]);
  });

  it("joins the labels of one character, and divides the label of several", async () => {
    const rare = await alignByCtc("𠮷", say("𠮷").scores, tokens); // four bytes, four labels
    expect(rare).toHaveLength(1);
    expect(span(rare?.[0])).toEqual([0, 1 + 3 * 4 + 1 + 1.5]);
    const [id] = tokens.encode("the");
    expect(tokens.decode([id ?? -1])).toBe("the"); // one label
    const shares = await alignByCtc("the", say("the").scores, tokens);
    expect(shares?.map(span)).toEqual([
      [0, expect.closeTo(3.5 / 3, 2)],
      [expect.closeTo(3.5 / 3, 2), expect.closeTo(7 / 3, 2)],
      [expect.closeTo(7 / 3, 2), 3.5],
    ]);
  });

  it("gives the blank of a label no time: a word begins with its first letter", async () => {
    const { scores, labels } = say("a the", 10);
    expect(labels).toBe(2); // "a" and " the"
    const units = settle((await alignByCtc("a the", scores, tokens)) ?? []);
    expect(units.map(({ text }) => text)).toEqual(["a", " ", "t", "h", "e"]);
    expect(span(units[2])[0]).toBe(11 - 1.5);
    expect(span(units[4])[1]).toBe(12 + 1.5);
  });

  it("leaves out characters that are not spoken and places them between their neighbors", async () => {
    const units = await alignByCtc("天，气。", say("天气").scores, tokens);
    expect(units?.map(({ source }) => source)).toEqual(["ctc", "interpolated", "ctc", "interpolated"]);
    const settled = settle(units ?? []);
    expect(settled.map(({ text }) => text).join("")).toBe("天，气。");
    for (const [i, { start, end }] of settled.entries()) {
      expect(end).toBeGreaterThan(start);
      expect(settled[i + 1]?.start ?? Infinity).toBeGreaterThanOrEqual(end);
    }
  });

  it.each([
    ["2026年", "二零二六年"],
    ["11日", "十一日"],
    ["123个人", "一百二十三个人"],
    ["at 9", "at nine"],
    ["2026", "2026"],
  ])("hears %s as %s", async (written, spoken) => {
    const { scores, frameOf, labels } = say(spoken);
    const units = (await alignByCtc(written, scores, tokens)) ?? [];
    expect(units.map(({ text }) => text).join("")).toBe(written);
    expect(units.every(({ source, text }) => source === "ctc" || text === " ")).toBe(true);
    expect(units[0]?.start).toBe(0);
    expect(span(units.at(-1))[1]).toBe(frameOf(labels - 1) + 2.5);
  });

  it("aligns capitals in the case of the training data", async () => {
    const units = await alignByCtc("THE Weather", say("the weather").scores, tokens);
    expect(units?.filter(({ text }) => text !== " ").every(({ score }) => (score ?? 0) > 0.89)).toBe(true);
  });

  it("can align the written text itself", async () => {
    const units = await alignByCtc("天，气", say("天，气").scores, tokens, { spoken: false });
    expect(units?.map(({ source }) => source)).toEqual(["ctc", "ctc", "ctc"]);
  });

  it("shifts by an offset, but not below zero", async () => {
    const units = await alignByCtc("天气", say("天气").scores, tokens, { offset: -0.1 });
    expect(units?.[0]?.start).toBe(0);
  });

  it("is undefined when a text does not fit into the frames", async () => {
    expect(
      await alignByCtc("今天的天气很好，我们明天上午九点开会", say("天").scores, tokens),
    ).toBeUndefined();
    expect(await alignByCtc("，。", say("天").scores, tokens)).toBeUndefined();
  });
});

describe("readings of numbers", () => {
  it.each([
    ["0", ["零", "zero"]],
    ["7", ["七", "seven"]],
    ["10", ["十", "一零", "ten", "one zero"]],
    ["15", ["十五", "fifteen"]],
    ["20", ["二十", "twenty"]],
    ["101", ["一百零一", "one hundred one"]],
    ["110", ["一百一十", "one hundred ten"]],
    ["200", ["二百", "两百"]],
    ["1004", ["一千零四", "one thousand four"]],
    ["2026", ["二零二六", "二千零二十六", "两千零二十六", "twenty twenty six", "two thousand twenty six"]],
    ["1900", ["一千九百", "nineteen"]],
    ["10000", ["一万", "ten thousand"]],
    ["20300", ["二万零三百", "两万零三百"]],
    ["100000000", ["一亿"]],
    ["100000001", ["一亿零一"]],
    ["120050000", ["一亿二千零五万"]],
    ["1000000", ["一百万", "one million"]],
    ["13812345678", ["一三八一二三四五六七八", "one three eight one two three four five six seven eight"]],
    ["12345678901234567890", ["一二三四五六七八九零一二三四五六七八九零"]],
  ])("of %s", (digits, expected) => {
    const readings = numberReadings(digits);
    expect(readings[0]).toBe(digits);
    expect(readings).toEqual(expect.arrayContaining(expected));
    expect(new Set(readings).size).toBe(readings.length);
  });
});
