/** What works on texts that get punctuation: their words, the passes of words with and without marks, dictionaries. */
import { Sentences } from "../../../src/text/punctuation/sentences.ts";
import { splitByDictionary } from "../../../src/text/punctuation/dictionary-words.ts";
import { JiebaDictionary } from "../../../src/text/punctuation/jieba.ts";
import { Marks } from "../../../src/text/punctuation/marks.ts";
import { punctuateWords } from "../../../src/text/punctuation/punctuate.ts";
import { SegmentedText } from "../../../src/text/punctuation/segments.ts";
import { timedWords } from "../../../src/text/punctuation/timed-words.ts";
import { WordIds } from "../../../src/text/punctuation/word-ids.ts";
import { splitWords } from "../../../src/text/punctuation/words.ts";
import { writeWhole } from "../../../src/text/punctuation/written.ts";
import type { WrittenWord } from "../../../src/text/punctuation/written.ts";
import type { TextReaders } from "./reader.ts";

const marks = new Marks(["<unk>", "_", "，", "。", "？", "、"], 3);
const ids = new WordIds(["<unk>", "a", "中"], 3, "tokens.json");
const dictionary = new JiebaDictionary(`中 5\n${"a".repeat(50)} 7\n`, "dict.txt");

/** In place of a network: no mark, or one behind every so many words. */
const classify = (every: number) => async (words: readonly string[]) =>
  ids.of(words).map((_, i) => (i % every === every - 1 ? 3 : 1));

/** The same without a mark: passes are as long as they get, and each word is in many of them. */
const noMarks = async (words: readonly string[]): Promise<number[]> => Array<number>(words.length).fill(1);

export const ofPunctuation: TextReaders = {
  "a text that gets marks": {
    codes: [],
    read: (text) => punctuateWords(splitWords(text), marks, classify(15)),
  },
  "a text that gets no marks": {
    codes: [],
    read: (text) => punctuateWords(splitWords(text), marks, noMarks),
  },
  "a text that comes in segments": {
    codes: [],
    read: async (text) => {
      const stream = new SegmentedText(marks, classify(15));
      return [await stream.push(text), await stream.push(text.slice(0, 100))];
    },
  },
  "a text whose marks get times": {
    codes: [],
    read: async (given) => {
      const text = given.slice(0, 2 ** 18); // segments are timed one by one, and no window has as many characters
      const words: WrittenWord[] = [];
      for await (const part of writeWhole([splitWords(text)], marks, classify(15))) words.push(...part);
      const units = Array.from(text, (character, i) => ({
        text: character,
        start: i / 10,
        end: (i + 1) / 10,
        source: "cif" as const,
      }));
      const sentences = new Sentences();
      sentences.add(words, timedWords(words, units).spans);
      return sentences.end();
    },
  },
  "a text for a dictionary": { codes: [], read: splitByDictionary(dictionary) },
  "a dictionary": {
    codes: ["bad_tokenizer"],
    frames: {
      "a word": (shape) => `${shape} 5`,
      "a frequency": (shape) => `a ${shape}`,
    },
    read: (text) => new JiebaDictionary(text, "dict.txt").divide(text),
  },
  "words of a user's dictionary": {
    codes: ["bad_tokenizer"],
    frames: { "a frequency": (shape) => `a ${shape}`, "a tag": (shape) => `a 5 ${shape}` },
    read: (text) => {
      const own = new JiebaDictionary("中 5\n", "dict.txt");
      own.addUserWords(text);
      return own.divide(text);
    },
  },
};
