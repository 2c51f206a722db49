/** A transcript as the pieces that cues are made of. */
import { columnsOf, isCjk } from "../columns.ts";
import { settle } from "../timestamps/timed.ts";
import type { TimedText, TimedUnit } from "../timestamps/timed.ts";
import { groupWords } from "../timestamps/words.ts";
import { borderCosts } from "./border-costs.ts";
import { oneLine } from "./clean.ts";
import type { Transcript, TranscriptSegment } from "./transcript.ts";

/**
 * What a cue may have: any part of the text (`free`), text of one segment (`segments`), or exactly one segment, however
 * long (`cues`).
 */
export type CueBorders = "free" | "segments" | "cues";

/** What is never divided: a word with its signs, or a character of a script without spaces. */
export interface CuePiece extends TimedText {
  /** Whether a space is between it and the next one. */
  readonly spaced: boolean;
  readonly columns: number;
  readonly cjk: boolean;
  /** Whether it is the last one of a segment. */
  readonly last: boolean;
  /** How bad a cue or a line is that ends behind it. */
  readonly cost: number;
}

type RawPiece = Pick<CuePiece, "text" | "start" | "end" | "spaced" | "last">;

export function piecesOf({ segments }: Transcript): CuePiece[] {
  const pieces = segments.flatMap((segment, i): RawPiece[] => {
    const own = segmentPieces(segment);
    const last = own.at(-1);
    const next = oneLine(segments[i + 1]?.text ?? "");
    return last === undefined
      ? []
      : [...own.slice(0, -1), { ...last, spaced: !tight(last.text, next), last: true }];
  });
  const costs = borderCosts(pieces);
  return pieces.map((piece, i) => ({
    ...piece,
    columns: columnsOf(piece.text),
    cjk: isCjk(piece.text),
    cost: costs[i]!,
  }));
}

/** Whether no space is written between two texts. */
function tight(before: string, after: string): boolean {
  return columnsOf(before.slice(-1)) === 2 && columnsOf(after.slice(0, 1)) === 2;
}

/** The words of a segment, or all of it where it has none. What is not timed is spread over the segment. */
function segmentPieces(segment: TranscriptSegment): RawPiece[] {
  const { characters = evenly(segment) } = segment;
  const textOf = (from: number, to?: number): string =>
    characters
      .slice(from, to)
      .map(({ text }) => text)
      .join("");
  const words = groupWords(characters);
  if (words.length > 0)
    return words.flatMap(({ unit, from }, i) =>
      pieceOf(textOf(i === 0 ? 0 : from, words[i + 1]?.from), unit),
    );
  const [first, last] = [characters[0], characters.at(-1)];
  return first === undefined ? [] : pieceOf(textOf(0), { start: first.start, end: last!.end });
}

function pieceOf(
  written: string,
  { start, end }: { readonly start: number; readonly end: number },
): RawPiece[] {
  const text = oneLine(written);
  return text === "" ? [] : [{ text, start, end, spaced: /\s$/u.test(written), last: false }];
}

/** Times for the characters of a segment without any. */
function evenly({ text, start, end }: TranscriptSegment): readonly TimedUnit[] {
  const characters = Array.from(text.trim());
  const share = Math.max(0, end - start) / characters.length;
  return settle(
    characters.map((character, i) => ({
      text: character,
      start: start + i * share,
      end: start + (i + 1) * share,
      source: "interpolated",
    })),
  );
}
