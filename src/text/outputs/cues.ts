/**
 * Text to subtitle cues, as broadcasters' style guides have them: up to two balanced lines, divided where a sentence, a
 * clause or at least a phrase ends, long enough to be read, with a gap of two frames. Never divided inside a word.
 */
import type { TimedText } from "../timestamps/timed.ts";
import { divide } from "./cue-division.ts";
import { limitsOf, readingTime } from "./cue-limits.ts";
import type { LimitOptions } from "./cue-limits.ts";
import { lineWidth, linesOf } from "./cue-lines.ts";
import { piecesOf } from "./cue-pieces.ts";
import type { CueBorders, CuePiece } from "./cue-pieces.ts";
import { inOrder, shownUntil } from "./cue-times.ts";
import { withoutCjkStops } from "./cjk-stops.ts";
import { endOf } from "./transcript.ts";
import type { Transcript } from "./transcript.ts";

export interface CueOptions extends LimitOptions {
  /** Where cues may end; anywhere by default. */
  readonly borders?: CueBorders | undefined;
  /** Punctuation: all, or without the commas and full stops of Chinese and Japanese. All by default. */
  readonly stops?: "keep" | "cjk" | undefined;
}

/** Cues of the whole transcript, in order, not overlapping; lines are separated by line feeds. */
export function shapeCues(transcript: Transcript, options: CueOptions = {}): TimedText[] {
  const { borders = "free", stops = "keep" } = options;
  const limits = { ...limitsOf(options), until: endOf(transcript) };
  const pieces = piecesOf(transcript);
  const divided = borders === "cues" ? bySegment(pieces) : divide(pieces, limits, borders === "free");
  const spans = inOrder(
    divided.map((own) => ({ own, text: "", start: own[0]!.start, end: own.at(-1)!.end })),
    limits.until,
  );
  const cues = spans.map(({ own, start, end: spoken }, i) => {
    const cjk = own.some((piece) => piece.cjk);
    const next = spans[i + 1]?.start ?? Infinity;
    const end = shownUntil(start, spoken, next, readingTime(lineWidth(own), cjk), limits);
    const lines = linesOf(own, limits).map(textOf);
    return { text: (stops === "cjk" && cjk ? lines.map(withoutCjkStops) : lines).join("\n"), start, end };
  });
  return cues.filter(({ text }) => text !== "");
}

function textOf(line: readonly CuePiece[]): string {
  return line.map(({ text, spaced }, i) => (spaced && i + 1 < line.length ? `${text} ` : text)).join("");
}

/** The pieces of each segment. */
function bySegment(pieces: readonly CuePiece[]): CuePiece[][] {
  const segments: CuePiece[][] = [];
  let begins = true;
  for (const piece of pieces) {
    if (begins) segments.push([]);
    segments.at(-1)!.push(piece);
    begins = piece.last;
  }
  return segments;
}
