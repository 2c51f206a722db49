/**
 * The rules for texts against FunASR's own `inference` on generated texts, with a formula in place of the network. The results'
 * hashes come from fixtures/reference/make_ct_punc.py, the golden tables from the shared test data.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { splitByDictionary } from "../../../src/text/punctuation/dictionary-words.ts";
import { JiebaDictionary } from "../../../src/text/punctuation/jieba.ts";
import { Marks } from "../../../src/text/punctuation/marks.ts";
import { marksOfCharacters, punctuateWords } from "../../../src/text/punctuation/punctuate.ts";
import { SegmentedText } from "../../../src/text/punctuation/segments.ts";
import { splitWords } from "../../../src/text/punctuation/words.ts";
import type { SplitWords } from "../../../src/text/punctuation/words.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { shared } from "../../helpers/environment/shared.ts";

interface Reference {
  readonly pieces: readonly string[];
  readonly whole: readonly string[];
  readonly segments: readonly string[];
  readonly dictionary: string;
  readonly user_words: string;
  readonly by_dictionary: readonly string[];
}
const reference = JSON.parse(readFileSync(fixture("reference/ct-punc-text.json"), "utf8")) as Reference;
const marks = new Marks(["<unk>", "_", "，", "。", "？", "、"], 3);
const perHash = 100;

/** x ← 1664525·x + 1013904223 modulo 2³²; the upper 16 bits are a number. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % limit;
  };
}

type Below = ReturnType<typeof generator>;

function generatedText(below: Below): string {
  const kind = below(8);
  const count = kind === 0 ? below(400) : kind < 6 ? below(60) : below(4);
  const pieces = Array.from({ length: count }, () => reference.pieces[below(reference.pieces.length)]!);
  return pieces.join("");
}

const density = (below: Below): number => [12, 40, 200, 100_000][below(4)]!;

/** A class for each word from its characters and its place from the end. */
const classesOf = (words: readonly string[], density: number): number[] =>
  words.map((word, i) => {
    const characters = Array.from(word);
    const sum = characters.reduce((total, character) => total + character.codePointAt(0)!, 0);
    const value = (sum * 31 + ((words.length - i) % 7) * 5 + characters.length) % density;
    return [2, 3, 4, 5, 0][value] ?? 1;
  });

async function wholeTexts(seed: number, count: number, split: SplitWords, perCharacter: boolean) {
  const below = generator(seed);
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const divisor = density(below);
    const text = generatedText(below);
    const result = await punctuateWords(split(text), marks, async (words) => classesOf(words, divisor));
    lines.push(JSON.stringify([text, result.text, perCharacter ? marksOfCharacters(result) : result.marks]));
  }
  return hashed(lines);
}

const hashed = (lines: readonly string[]): string[] =>
  Array.from({ length: lines.length / perHash }, (_, i) => {
    const part = lines.slice(i * perHash, (i + 1) * perHash).join("\n");
    return createHash("sha256").update(part).digest("hex").slice(0, 16);
  });

describe("generated texts", () => {
  it("are written as the original writes them", async () => {
    expect(reference.whole).toHaveLength(100);
    expect(await wholeTexts(1, 10_000, splitWords, false)).toEqual(reference.whole);
  });

  it("are written as the original writes them where words are jieba's", async () => {
    const dictionary = new JiebaDictionary(reference.dictionary, "dict.txt");
    dictionary.addUserWords(reference.user_words);
    expect(reference.by_dictionary).toHaveLength(20);
    const split = splitByDictionary(dictionary);
    expect(await wholeTexts(3, 2000, split, true)).toEqual(reference.by_dictionary);
  });

  it("are written as the original writes them where they come in segments", async () => {
    expect(reference.segments).toHaveLength(25);
    const below = generator(2);
    const lines: string[] = [];
    for (let i = 0; i < 2500; i++) {
      const divisor = density(below);
      const stream = new SegmentedText(marks, async (words) => classesOf(words, divisor));
      const found: unknown[] = [];
      for (let rest = below(4) + 1; rest > 0; rest--) {
        const text = generatedText(below);
        const result = await stream.push(text);
        // upstream fails where there is nothing to print, not even the mark behind the words before
        if (splitWords(text).length === 0 && (result.marks.at(-1) ?? 1) === 1) break;
        found.push([text, result.text, result.marks, stream.carried]);
      }
      lines.push(JSON.stringify([found]));
    }
    expect(hashed(lines)).toEqual(reference.segments);
  });
});

const table = shared("golden/models-next/punc-text.json");

interface Stub {
  readonly name: string;
  readonly classes: Readonly<Record<string, number>>;
  readonly last_class?: number | null;
}
interface Whole extends Stub {
  readonly text: string;
  readonly punc_list?: readonly string[];
  readonly split_size?: number;
  readonly words?: readonly string[];
  readonly out: string;
  readonly punc_array: readonly number[] | null;
  readonly calls?: readonly (readonly [number, string])[];
}
interface Segments extends Stub {
  readonly steps: readonly {
    readonly text: string;
    readonly out: string;
    readonly punc_array: readonly number[];
    readonly pre_text: readonly string[];
    readonly calls: readonly (readonly [number, number])[];
  }[];
}

describe.skipIf(table === undefined)("the golden table", () => {
  const cases =
    table === undefined
      ? { offline: [], streaming: [], jieba: [] }
      : (JSON.parse(readFileSync(table, "utf8")) as {
          offline: Whole[];
          streaming: Segments[];
          jieba: Whole[];
        });
  const classify = ({ classes, last_class: last }: Stub, words: readonly string[]): number[] => {
    const found = words.map((word) => classes[word] ?? 1);
    return last === undefined || last === null ? found : [...found.slice(0, -1), last];
  };

  it.each(cases.offline.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const calls: [number, string][] = [];
    const own = one.punc_list === undefined ? marks : new Marks(one.punc_list, 3);
    const stub = async (words: readonly string[]): Promise<number[]> => {
      calls.push([words.length, words[0]!]);
      return classify(one, words);
    };
    const result = await punctuateWords(splitWords(one.text), own, stub, one.split_size);
    expect([result.text, result.marks, calls]).toEqual([one.out, one.punc_array ?? [], one.calls]);
  });

  it.each(cases.streaming.map((one) => [one.name, one] as const))("segments: %s", async (_, one) => {
    let calls: [number, number][] = [];
    const stream = new SegmentedText(marks, async (words, carried) => {
      calls.push([words.length, carried]);
      return classify(one, words);
    });
    for (const step of one.steps) {
      calls = [];
      const { text, marks } = await stream.push(step.text);
      const expected = [step.out, step.punc_array, step.pre_text, step.calls];
      expect([text, marks, stream.carried, calls]).toEqual(expected);
    }
  });

  it.each(cases.jieba.map((one) => [one.name, one] as const))("by a dictionary: %s", async (_, one) => {
    const text = readFileSync(shared("golden/models-next/jieba-mini.dict")!, "utf8");
    const words = splitByDictionary(new JiebaDictionary(text, "mini.dict"))(one.text);
    expect(words).toEqual(one.words);
    const result = await punctuateWords(words, marks, async (words) => classify(one, words));
    expect([result.text, marksOfCharacters(result)]).toEqual([one.out, one.punc_array]);
  });
});
