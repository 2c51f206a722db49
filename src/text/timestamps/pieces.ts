/** A text in pieces whose texts joined are the text. */
import type { TimedText } from "./timed.ts";

/**
 * Each of `words`, which are in the order of the text, with what stands between it and the one before; what is behind the
 * last one lasts up to `end`. A word that is not in the text is skipped.
 */
export function timedPieces(text: string, words: readonly TimedText[], end: number): TimedText[] {
  const pieces: TimedText[] = [];
  let cursor = 0;
  for (const word of words) {
    const at = word.text === "" ? -1 : text.indexOf(word.text, cursor);
    if (at < 0) continue;
    const next = at + word.text.length;
    pieces.push({ text: text.slice(cursor, next), start: word.start, end: word.end });
    cursor = next;
  }
  if (cursor < text.length) pieces.push({ text: text.slice(cursor), start: pieces.at(-1)?.end ?? 0, end });
  return pieces;
}
