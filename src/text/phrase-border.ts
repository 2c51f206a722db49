/** Where a text that repeats itself can be cut: behind a sentence, else behind a clause. */
import { fold } from "./hotwords/trie.ts";

const SENTENCE_END = /[。！？.!?…][”’"'」』）)]*$/u;
const CLAUSE_END = /[，、；：,;:—][”’"'」』）)]*$/u;
const CLAUSE_MARK = /^[\s，、；：,;:—]+$/u;

/** The form in which pieces are compared: a sentence's first word differs in case and in the space before it, its end in the mark. */
export const sameInLoop = fold;

/**
 * A loop of pieces, moved to a border of its phrase: to where its first pass begins, else behind the last sentence or
 * clause in its first pass, else to where a pass would begin if the first sentence's start were that of a pass.
 */
export function atPhraseBorder<Loop extends { readonly start: number; readonly length: number }>(
  pieces: readonly string[],
  loop: Loop,
): Loop {
  const { length } = loop;
  let { start } = loop;
  const repeats = (at: number): boolean => sameInLoop(pieces[at]!) === sameInLoop(pieces[at + length] ?? "");
  while (start > 0 && repeats(start - 1)) start--;
  for (const border of [SENTENCE_END, CLAUSE_END]) {
    for (let shift = length; shift > 0; shift--) {
      if (!border.test((pieces[start + shift - 1] ?? "").trimEnd())) continue;
      return { ...loop, start: shift === length ? start : start + shift };
    }
  }
  for (let before = 1; before < length && before <= start; before++) {
    const at = start - before;
    if (
      at === 0 ||
      CLAUSE_END.test(pieces[at - 1]!.trimEnd()) ||
      SENTENCE_END.test(pieces[at - 1]!.trimEnd())
    )
      return { ...loop, start: at + length };
  }
  return { ...loop, start };
}

/** How many of the pieces stay where a text ends without a comma or the like. */
export function withoutClauseMark(pieces: readonly string[]): number {
  let keep = pieces.length;
  while (keep > 0 && CLAUSE_MARK.test(pieces[keep - 1]!)) keep--;
  return keep;
}

/** The indices after the pieces that end a sentence or a clause, and after the last piece; none before `from`. */
export function phraseEnds(pieces: readonly string[], from: number): number[] {
  const ends: number[] = [];
  for (let i = from; i < pieces.length; i++) {
    const piece = pieces[i]!.trimEnd();
    const isNumber = /^\d/u.test(pieces[i + 1] ?? "");
    if (i + 1 === pieces.length || (!isNumber && (SENTENCE_END.test(piece) || CLAUSE_END.test(piece))))
      ends.push(i + 1);
  }
  return ends;
}
