/**
 * Text that arrives in segments of speech. A sentence that has not ended is classified again with the next segment; the mark
 * behind the last word of a segment is left to that. Source: FunASR's CTTransformerStreaming.inference.
 */
import type { Marks } from "./marks.ts";
import { classifyInPasses, LONGEST_PASS, WORDS_PER_PASS } from "./passes.ts";
import type { Classify, WordSource } from "./passes.ts";
import type { MarkedText } from "./punctuate.ts";
import type { WrittenWord } from "./written.ts";
import { endsInAscii, splitWords, startsInAscii } from "./words.ts";

/** The same as `Classify`, given how many words of earlier segments the sentence has. */
export type ClassifySegment = (words: readonly string[], carried: number) => Promise<readonly number[]>;

export class SegmentedText {
  readonly #marks: Marks;
  readonly #classify: ClassifySegment;
  readonly #wordsPerPass: number;
  #carried: readonly string[] = [];

  constructor(marks: Marks, classify: ClassifySegment, wordsPerPass = WORDS_PER_PASS) {
    this.#marks = marks;
    this.#classify = classify;
    this.#wordsPerPass = wordsPerPass;
  }

  /** The words of the sentence that has not ended, with the spaces before them. */
  get carried(): readonly string[] {
    return this.#carried;
  }

  /**
   * The text of the next segment with marks; what precedes it is the mark of the last word before, if any. `words` and `marks`
   * are those of the last pass, words of earlier segments included.
   */
  async push(text: string): Promise<MarkedText> {
    const carried = this.#carried.length;
    const split = splitWords(`${this.#carried.join("")} ${text}`);
    const classify = (pass: readonly string[]): Promise<readonly number[]> => this.#classify(pass, carried);
    const words: string[] = [];
    const classes: number[] = [];
    let pass: MarkedText = { text: "", words: [], marks: [] };
    for await (const part of classifyInPasses([split], this.#marks, classify, this.#wordsPerPass)) {
      words.push(...part.words);
      classes.push(...part.marks);
      pass = { text: "", ...part };
    }
    const spaced = words.map((word, i) => {
      const needsSpace = i > 0 && startsInAscii(word) && endsInAscii(words[i - 1]!);
      return needsSpace ? ` ${word}` : word;
    });
    this.#carried = spaced.slice(this.#sentenceStart(classes));
    return { ...pass, text: this.#write(spaced, classes, carried) };
  }

  /** What is new: the mark behind the last carried word, then words and marks, without the last mark. */
  #write(words: readonly string[], classes: readonly number[], carried: number): string {
    let text = "";
    for (const [i, word] of words.entries()) {
      if (i >= carried) text += word;
      if (i >= carried - 1) text += this.#marks.text(classes[i]!);
    }
    const last = Array.from(text).at(-1);
    const endsInMark = last !== undefined && this.#marks.texts.includes(last);
    return endsInMark ? text.slice(0, -last.length) : text;
  }

  /**
   * The word behind the last sentence end, which is none of the first two words, nor the last. A sentence that does not end
   * for as long as a pass may be is not carried on.
   */
  #sentenceStart(classes: readonly number[]): number {
    for (let i = classes.length - 2; i > 1; i--) if (this.#marks.endsSentence(classes[i]!)) return i + 1;
    return classes.length < LONGEST_PASS ? 0 : classes.length;
  }
}

/** A text that is one segment, in parts of some words; each is written when its marks are final. */
export async function* writeSegment(
  words: WordSource,
  marks: Marks,
  classify: Classify,
): AsyncGenerator<readonly WrittenWord[]> {
  let last: WrittenWord[] = []; // one, or none before the first part
  for await (const { words: own, marks: classes } of classifyInPasses(words, marks, classify)) {
    const before = last[0]?.word;
    const written = own.map((word, i) => {
      const previous = i === 0 ? before : own[i - 1]!;
      const spaced = previous !== undefined && startsInAscii(word) && endsInAscii(previous);
      return { spaced, word, mark: marks.text(classes[i]!), class: classes[i]! };
    });
    yield [...last, ...written.slice(0, -1)];
    last = written.slice(-1);
  }
  for (const word of last) yield [withoutLastMark(word, marks)];
}

/** The mark behind the last word is left to the next segment, even where it is the word's own sign, as in the original. */
function withoutLastMark(last: WrittenWord, marks: Marks): WrittenWord {
  const { word, mark } = last;
  const sign = Array.from(word + mark).at(-1)!;
  if (!marks.texts.includes(sign)) return last;
  return mark === ""
    ? { ...last, word: word.slice(0, -sign.length) }
    : { ...last, mark: mark.slice(0, -sign.length) };
}
