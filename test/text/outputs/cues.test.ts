import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeCues } from "../../../src/text/outputs/cues.ts";
import { alignByEdit } from "../../../src/text/timestamps/edit-align.ts";
import { settle } from "../../../src/text/timestamps/timed.ts";
import { toWords } from "../../../src/text/timestamps/words.ts";
import { SAMPLE, segment, transcript } from "../../helpers/builders/transcripts.ts";

const texts = (...args: Parameters<typeof shapeCues>): string[] => shapeCues(...args).map(({ text }) => text);

describe("cues", () => {
  it("has the times of Fun-ASR-GGUF's example", () => {
    const draft = Array.from("大家好二零二六年", (text, i) => ({
      text,
      start: (i < 3 ? 1.26 : 1.44) + i * 0.12,
    }));
    const characters = settle(alignByEdit("大家好，2026年。", draft, { offset: -0.24 }));
    const [cue] = shapeCues(transcript({ text: "", start: 1, end: 3, characters }));
    expect(cue?.text).toBe("大家好");
    expect(cue?.start).toBeCloseTo(1.02, 6);
    expect(cue?.end).toBeCloseTo(1.485, 6);
  });

  it("ends at punctuation that ends a phrase, and drops it except question and exclamation marks", () => {
    expect(texts(SAMPLE)).toEqual([
      "大家好",
      "2026年开会",
      'He said: "A < B & C"',
      "then left --> now",
      "ok?",
      "你好👋",
      "世界！",
    ]);
  });

  it("does not end at a point within a number or an abbreviation", () => {
    expect(texts(transcript(segment("about 3.14 or 1,000 e.g.x", 0)))).toEqual(["about 3.14 or 1,000 e.g.x"]);
  });

  it("never cuts a word, and gives a long one a cue of its own", () => {
    const long = transcript(segment("one two three internationalisation four", 0, 0.05));
    expect(texts(long, { maxChars: 8 })).toEqual(["one two", "three", "internationalisation", "four"]);
  });

  it("ends at pauses: long ones always, short ones once there is enough", () => {
    const parts = [segment("一二三", 0), segment("四五六七", 1.2), segment("八九", 2.7), segment("十", 4.5)];
    const characters = parts.flatMap((part) => part.characters ?? []);
    expect(texts(transcript({ text: "", start: 0, end: 5, characters }))).toEqual([
      "一二三四五六七",
      "八九",
      "十",
    ]);
  });

  it("has a maximum duration", () => {
    expect(texts(transcript(segment("一二三四五六七八九十", 0)), { maxSeconds: 1 })).toEqual([
      "一二三四五",
      "六七八九十",
    ]);
  });

  it("leaves a gap where one is asked for", () => {
    const [first, second] = shapeCues(SAMPLE, { minGap: 0.3 });
    expect((second?.start ?? 0) - (first?.end ?? 0)).toBeGreaterThanOrEqual(0.3 - 1e-9);
  });

  it("makes one cue of a segment without times", () => {
    expect(shapeCues(transcript({ text: " 好。\n", start: 1, end: 2 }))).toEqual([
      { text: "好", start: 1, end: 2 },
    ]);
    expect(shapeCues(transcript({ text: "。", start: 1, end: 2 }))).toEqual([]);
    expect(shapeCues(transcript())).toEqual([]);
  });

  it("keeps every letter, in order, in cues that do not overlap and are not too long", () => {
    const letters = fc.string({
      unit: fc.constantFrom("中", "文", "a", "b", "1", " ", "，", ".", "?"),
      maxLength: 80,
      size: "max",
    });
    fc.assert(
      fc.property(letters, fc.integer({ min: 2, max: 20 }), (text, maxChars) => {
        const cues = shapeCues(transcript(segment(text, 0)), { maxChars });
        const kept = (from: string): string => from.replaceAll(/[^中文ab1]/gu, "");
        expect(kept(cues.map((cue) => cue.text).join(""))).toBe(kept(text));
        for (const [i, cue] of cues.entries()) {
          expect(cue.end).toBeGreaterThan(cue.start);
          expect(cues[i + 1]?.start ?? Infinity).toBeGreaterThanOrEqual(cue.end);
          const words = toWords(segment(cue.text, 0).characters ?? []);
          expect(Array.from(cue.text).length <= maxChars || words.length === 1).toBe(true);
        }
      }),
    );
  });

  it.each([{ maxChars: 0 }, { maxSeconds: NaN }, { minGap: -1 }])("refuses %o", (options) => {
    expect(() => shapeCues(SAMPLE, options)).toThrow(expect.objectContaining({ code: "bad_option" }));
  });
});
