/**
 * Times for every character of a text from the times of its pieces: a piece's characters share its time evenly, and
 * characters between two pieces (spaces, punctuation) lie at the end of the one before.
 */
import { settle } from "./timed.ts";
import type { RoughUnit, TimedText, TimedUnit, TimeSource } from "./timed.ts";

interface Piece extends TimedText {
  readonly score?: number | undefined;
}

/** `pieces` in the order of the text; one that is not in it is skipped. */
export function placeCharacters(
  text: string,
  pieces: readonly Piece[],
  source: Exclude<TimeSource, "interpolated">,
): TimedUnit[] {
  const units: RoughUnit[] = [];
  let cursor = 0;
  let reached = 0; // seconds
  const between = (to: number): void => {
    for (const character of text.slice(cursor, to))
      units.push({ text: character, start: reached, end: reached, source: "interpolated" });
  };
  for (const { text: piece, start, end, score } of pieces) {
    const at = piece === "" ? -1 : text.indexOf(piece, cursor);
    if (at < 0) continue;
    between(at);
    const characters = Array.from(piece);
    const share = (end - start) / characters.length;
    for (const [i, character] of characters.entries()) {
      const from = start + i * share;
      units.push({ text: character, start: from, end: from + share, source, score });
    }
    cursor = at + piece.length;
    reached = end;
  }
  between(text.length);
  return settle(units);
}
