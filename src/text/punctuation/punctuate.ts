/** A whole text with marks. Source: FunASR's CTTransformer.inference. */
import type { Marks } from "./marks.ts";
import type { Classify, MarkedWords } from "./passes.ts";
import { textOf, writeWhole } from "./written.ts";

export interface MarkedText extends MarkedWords {
  readonly text: string;
}

/** The words of a text, with marks. As in the original, a text that begins with ASCII begins with a space. */
export async function punctuateWords(
  words: readonly string[],
  marks: Marks,
  classify: Classify,
  wordsPerPass?: number,
): Promise<MarkedText> {
  const classes: number[] = [];
  const written: string[] = [];
  for await (const part of writeWhole([words], marks, classify, wordsPerPass)) {
    for (const word of part) {
      classes.push(word.class);
      written.push(textOf(word));
    }
  }
  return { text: written.join(""), words, marks: classes };
}

/** For each character of Chinese words its mark, which only the last has; other words are one, as in the original. */
export function marksOfCharacters({ words, marks }: MarkedWords): number[] {
  return words.flatMap((word, i) => {
    const characters = Array.from(word);
    const isChinese = characters[0]! >= "\u0e00" && characters[0]! <= "\u9fa5";
    return [...Array.from({ length: isChinese ? characters.length - 1 : 0 }, () => 1), marks[i]!];
  });
}
