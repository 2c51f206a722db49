/**
 * How words and marks are written: capitals, spaces, marks of ASCII behind words of ASCII, a full stop at the end. Source:
 * FunASR's CTTransformer.inference.
 */
import type { Marks } from "./marks.ts";
import type { MarkedWords } from "./passes.ts";
import { startsInAscii } from "./words.ts";

const asciiMarks: ReadonlyMap<string, string> = new Map([
  ["，", ","],
  ["。", "."],
  ["？", "?"],
]);

/** One part of a text. The first word of a part is written as one at the start of a sentence. */
export function writePart({ words, marks: classes }: MarkedWords, marks: Marks): string {
  let written = "";
  for (const [i, word] of words.entries()) {
    const isAscii = startsInAscii(word);
    const isFirst = i === 0 || marks.endsSentence(classes[i - 1]!);
    const followsAscii = i === 0 || startsInAscii(words[i - 1]!);
    const mark = marks.text(classes[i]!);
    written += isAscii && followsAscii ? " " : "";
    written += isAscii && isFirst ? capitalized(word) : word;
    written += isAscii ? (asciiMarks.get(mark) ?? mark) : mark;
  }
  return written;
}

/** Python's str.capitalize(): all but the first letter become small ones. */
const capitalized = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();

/** The end of a text, with a full stop; `replaced` states whether that is the mark of the last word now. */
export function endText(text: string): { readonly text: string; readonly replaced: boolean } {
  const last = text.slice(-1);
  if (last === "，" || last === "、") return { text: `${text.slice(0, -1)}。`, replaced: true };
  if (last === ",") return { text: `${text.slice(0, -1)}.`, replaced: true };
  if (["。", "？", ".", "?"].includes(last)) return { text, replaced: false };
  return { text: text + (startsInAscii(last) ? "." : "。"), replaced: true };
}
