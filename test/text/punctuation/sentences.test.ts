/** Sentences against FunASR's timestamp_sentence, from the shared test data; times of words from those of characters. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Sentences } from "../../../src/text/punctuation/sentences.ts";
import { timedWords } from "../../../src/text/punctuation/timed-words.ts";
import type { WrittenWord } from "../../../src/text/punctuation/written.ts";
import type { TimedUnit } from "../../../src/text/timestamps/timed.ts";
import { shared } from "../../helpers/environment/shared.ts";

const table = shared("golden/models-next/timestamp-sentence.json");
const marks = ["<unk>", "", "，", "。", "？", "、"];

interface Case {
  readonly name: string;
  readonly punc: readonly number[];
  readonly timestamps: readonly (readonly [number, number])[];
  readonly text: string;
  readonly en: boolean;
  readonly out: readonly { readonly text: string; readonly start: number; readonly end: number }[];
}

const written = (words: readonly string[], classes: readonly number[]): WrittenWord[] =>
  words.map((word, i) => {
    const spaced = i > 0 && /^[a-z0-9]/u.test(word) && /[a-z0-9]$/u.test(words[i - 1]!);
    return { spaced, word, mark: marks[classes[i]!]!, class: classes[i]! };
  });

describe.skipIf(table === undefined)("the golden table", () => {
  const all = table === undefined ? [] : (JSON.parse(readFileSync(table, "utf8")) as Case[]);
  // our lists are of one length: what the original makes of others is not asked for
  const cases = all.filter(({ punc, timestamps, text }) =>
    [timestamps.length, text.split(" ").length].every((length) => length === punc.length),
  );

  it("has cases of each kind", () => expect(cases.length).toBe(8));

  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, { punc, timestamps, text, en, out }) => {
    const sentences = new Sentences();
    const spans = timestamps.map(([start, end]) => ({ start, end }));
    const words = written(text.split(" "), punc);
    for (let i = 0; i < words.length; i += 2) sentences.add(words.slice(i, i + 2), spans.slice(i, i + 2));
    const found = sentences.end();
    const form = ({ text, start, end }: (typeof found)[number]): unknown => [
      // the original's spaces between scripts, and the English marks of its other function, are not ours
      text.replace(/\s/gu, "").replace(/[,，]/gu, "，").replace(/[.。]/gu, "。"),
      start,
      end,
    ];
    // a last sentence without a mark is ours alone
    expect(found.slice(0, out.length).map(form)).toEqual(out.map(form));
    expect(found.length).toBe(out.length + (punc.at(-1)! > 1 ? 0 : 1));
    expect(en && found[0]?.text.startsWith(" ")).toBe(false);
  });
});

describe("sentences", () => {
  it("end behind every mark, and where the text does; an unknown mark ends none", () => {
    const sentences = new Sentences();
    const words = written(["你", "好", "a", "b", "c", "d"], [2, 0, 5, 4, 3, 1]);
    sentences.add(
      words,
      words.map((_, i) => ({ start: i, end: i + 0.5 })),
    );
    expect(sentences.end()).toEqual([
      { text: "你，", start: 0, end: 0.5 },
      { text: "好<unk>a、", start: 1, end: 2.5 },
      { text: "b？", start: 3, end: 3.5 },
      { text: "c。", start: 4, end: 4.5 },
      { text: "d", start: 5, end: 5.5 },
    ]);
  });
});

const unit = (text: string, start: number, end: number): TimedUnit => ({ text, start, end, source: "cif" });

describe("times of words", () => {
  it("are those of their characters; marks take a sliver of them", () => {
    const characters = [unit("你", 1, 2), unit(" ", 2, 2.1), unit("o", 2.1, 3), unit("k", 3, 4)];
    const { characters: found, spans } = timedWords(written(["你", "ok"], [2, 3]), characters);
    expect(found.map(({ text }) => text).join("")).toBe("你，ok。");
    expect(spans[0]!.start).toBe(1);
    expect(spans[1]).toMatchObject({ start: 2.1 });
    for (const [i, { start, end }] of found.entries()) {
      expect(end).toBeGreaterThan(start);
      expect(start).toBeGreaterThanOrEqual(found[i - 1]?.end ?? 0);
    }
  });

  it("exist where there are fewer characters than in the words", () => {
    const { characters, spans } = timedWords(written(["ab", "c"], [1, 1]), [unit("a", 0, 1)]);
    expect(characters.map(({ text }) => text).join("")).toBe("ab c");
    expect(spans.every(({ start, end }) => end > start)).toBe(true);
    expect(timedWords([], [])).toEqual({ characters: [], spans: [] });
  });
});
