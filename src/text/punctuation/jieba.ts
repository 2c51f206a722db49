/**
 * Words by a dictionary with frequencies: the most probable division of a text into its words. What the Python package jieba
 * does without its hidden Markov model, which FunASR uses where a model has a dictionary of its own.
 */
import { ModelFormatError } from "../../errors.ts";

/** Runs of these are divided by the dictionary; every other character is a word. */
const divided = /[\u4e00-\u9fd5a-zA-Z0-9+#&._%-]+/gu;
const letterOrDigit = /^[a-zA-Z0-9]$/u;
/** Characters of a word, at most: all beginnings of it are kept. Chinese dictionaries have words of 16. */
const LONGEST_WORD = 100;
const userLine = /^(.+?)( [0-9]+)?( [a-z]+)?$/su;

export class JiebaDictionary {
  /** Words, and the beginnings of words, which have the frequency 0 unless they are words themselves. */
  readonly #frequencies = new Map<string, number>();
  readonly #source: string;
  #total = 0;

  /** The lines `word frequency [tag]` of dict.txt. Throws `bad_tokenizer` for another; `source` is its name in messages. */
  constructor(text: string, source: string) {
    this.#source = source;
    for (const [i, line] of linesOf(text).entries()) {
      const [, word, frequency] = /^(\S+) ([0-9]+)(?: |$)/u.exec(line) ?? [];
      if (word === undefined) {
        const found = JSON.stringify(line.slice(0, 80));
        throw new ModelFormatError("bad_tokenizer", `${source}, line ${i + 1}`, found, {
          wanted: "a word and its frequency",
        });
      }
      this.#set(word, Number(frequency));
    }
  }

  /** Adds the lines `word [frequency] [tag]` of a dictionary of a user's own; their order matters. Throws `bad_tokenizer`. */
  addUserWords(text: string): void {
    for (const line of linesOf(text)) {
      const [, word = line, frequency] = line.includes(" ") ? userLine.exec(line)! : [];
      this.#expectWord(word);
      this.#set(word, frequency === undefined ? this.#suggested(word) : Number(frequency));
    }
  }

  /** All of the text, word after word. */
  divide(text: string): string[] {
    const words: string[] = [];
    let end = 0;
    for (const { 0: run, index } of text.matchAll(divided)) {
      for (const sign of text.slice(end, index)) words.push(sign);
      for (const word of this.#divideRun(run)) words.push(word);
      end = index + run.length;
    }
    for (const sign of text.slice(end)) words.push(sign);
    return words;
  }

  #expectWord({ length }: string): void {
    if (length <= LONGEST_WORD) return;
    const wanted = `at most ${LONGEST_WORD}`;
    throw new ModelFormatError("bad_tokenizer", this.#source, `a word of ${length} characters`, { wanted });
  }

  #set(word: string, frequency: number): void {
    this.#expectWord(word);
    const isNew = !this.#frequencies.has(word);
    this.#frequencies.set(word, frequency);
    this.#total += frequency;
    if (!isNew) return; // with all of its beginnings
    for (let end = word.length - 1; end > 0; end--) {
      if (isLowSurrogate(word.charCodeAt(end))) continue;
      const beginning = word.slice(0, end);
      if (this.#frequencies.has(beginning)) return; // and so are those of this one
      this.#frequencies.set(beginning, 0);
    }
  }

  /** The least frequency with which a word is not divided. */
  #suggested(word: string): number {
    const parts = word.length === 1 ? [word] : this.divide(word);
    const probability = parts.reduce(
      (product, part) => product * ((this.#frequencies.get(part) ?? 1) / this.#total),
      1,
    );
    return Math.max(Math.trunc(probability * this.#total) + 1, this.#frequencies.get(word) ?? 1);
  }

  #divideRun(run: string): string[] {
    const characters = Array.from(run);
    const ends = this.#bestEnds(characters);
    const words: string[] = [];
    let single = ""; // letters and digits that are no words are one word
    for (let start = 0; start < characters.length; start = ends[start]! + 1) {
      const isOne = ends[start] === start;
      const word = isOne ? characters[start]! : characters.slice(start, ends[start]! + 1).join("");
      if (isOne && letterOrDigit.test(word)) {
        single += word;
        continue;
      }
      if (single !== "") words.push(single);
      single = "";
      words.push(word);
    }
    return single === "" ? words : [...words, single];
  }

  /** The last character of the word that begins with each character. */
  #bestEnds(characters: readonly string[]): number[] {
    const logTotal = Math.log(this.#total);
    const scores = new Float64Array(characters.length + 1); // of the best division from here on
    const best: number[] = [];
    for (let start = characters.length - 1; start >= 0; start--) {
      let [score, end] = [-Infinity, start];
      let word = "";
      for (let last = start; last < characters.length; last++) {
        word += characters[last]!;
        const frequency = this.#frequencies.get(word);
        if (frequency === undefined) break;
        if (frequency === 0) continue; // a beginning of a word
        const found = Math.log(frequency) - logTotal + scores[last + 1]!;
        if (found >= score) [score, end] = [found, last];
      }
      // Where no word begins, the character alone has the frequency 1.
      scores[start] = score === -Infinity ? scores[start + 1]! - logTotal : score;
      best[start] = end;
    }
    return best;
  }
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

const linesOf = (text: string): string[] =>
  text
    .replace(/^\ufeff/u, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
