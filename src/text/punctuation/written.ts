/**
 * How words and marks are written: capitals, spaces, marks of ASCII behind words of ASCII, a full stop at the end. Source:
 * FunASR's CTTransformer.inference.
 */
import type { Marks } from "./marks.ts";
import { classifyInPasses } from "./passes.ts";
import type { Classify, MarkedWords, WordSource } from "./passes.ts";
import { startsInAscii } from "./words.ts";

/** A word as it stands in the text with marks. */
export interface WrittenWord {
  /** Whether a space is before it. */
  readonly spaced: boolean;
  /** With its capitals, and as long as in the text without marks. */
  readonly word: string;
  /** What stands behind it; empty for nothing. */
  readonly mark: string;
  /** The class of that. */
  readonly class: number;
}

export const textOf = ({ spaced, word, mark }: WrittenWord): string => `${spaced ? " " : ""}${word}${mark}`;

const asciiMarks: ReadonlyMap<string, string> = new Map([
  ["，", ","],
  ["。", "."],
  ["？", "?"],
]);

/** A whole text, in parts of some words; each is written when its marks are final. */
export async function* writeWhole(
  words: WordSource,
  marks: Marks,
  classify: Classify,
  wordsPerPass?: number,
): AsyncGenerator<readonly WrittenWord[]> {
  let last: WrittenWord[] = []; // one, or none before the first part
  for await (const part of classifyInPasses(words, marks, classify, wordsPerPass)) {
    const written = [...last, ...writePart(part, marks)];
    last = written.splice(-1);
    yield written;
  }
  for (const word of last) yield [ended(word, marks)];
}

/** One part of a text. The first word of a part is written as one at the start of a sentence. */
function writePart({ words, marks: classes }: MarkedWords, marks: Marks): WrittenWord[] {
  return words.map((word, i) => {
    const isAscii = startsInAscii(word);
    const isFirst = i === 0 || marks.endsSentence(classes[i - 1]!);
    const followsAscii = i === 0 || startsInAscii(words[i - 1]!);
    const mark = marks.text(classes[i]!);
    return {
      spaced: isAscii && followsAscii,
      word: isAscii && isFirst ? capitalized(word) : word,
      mark: isAscii ? (asciiMarks.get(mark) ?? mark) : mark,
      class: classes[i]!,
    };
  });
}

/** Python's str.capitalize(): all but the first letter become small ones. */
const capitalized = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();

/** The last word of a text, with a full stop behind it: in place of a comma, which may be the word's own, or in addition. */
function ended(last: WrittenWord, marks: Marks): WrittenWord {
  const { word, mark } = last;
  const sign = (word + mark).slice(-1);
  if (["。", "？", ".", "?"].includes(sign)) return last;
  const stop = sign === "," ? "." : "。";
  const stopped = { ...last, class: marks.end };
  if (sign !== "，" && sign !== "、" && sign !== ",")
    return { ...stopped, mark: mark + (startsInAscii(sign) ? "." : "。") };
  return mark === ""
    ? { ...stopped, word: word.slice(0, -1) + stop }
    : { ...stopped, mark: mark.slice(0, -1) + stop };
}
