/** Subtitle files: SubRip, WebVTT (W3C) and LRC. */
import type { TimedText } from "../timestamps/timed.ts";
import { clock, lyricClock } from "./clock.ts";
import { shapeCues } from "./cues.ts";
import type { CueOptions } from "./cues.ts";
import type { Transcript } from "./transcript.ts";

const ARROW = "-->";
/** An arrow in a cue's text would end the cue for some readers; however long, it becomes a short one. */
const ARROWS = /-{2,}>/gu;

export function toSrt(transcript: Transcript, options?: CueOptions): string {
  const cue = ({ text, start, end }: TimedText, i: number): string =>
    `${i + 1}\n${clock(start, ",")} ${ARROW} ${clock(end, ",")}\n${text.replaceAll(ARROWS, "->")}\n`;
  return shapeCues(transcript, options).map(cue).join("\n");
}

export function toVtt(transcript: Transcript, options?: CueOptions): string {
  const cues = shapeCues(transcript, options).map(
    ({ text, start, end }) => `${clock(start, ".")} ${ARROW} ${clock(end, ".")}\n${escapeMarkup(text)}\n`,
  );
  return ["WEBVTT\n", ...cues].join("\n");
}

function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * A line for each cue, and an empty one before a pause, so that a player clears the screen. Square brackets are tags
 * and cannot be escaped: those of the text become round.
 */
export function toLrc(transcript: Transcript, options?: CueOptions): string {
  const cues = shapeCues(transcript, options);
  const lines = cues.flatMap(({ text, start, end }, i) => {
    const line = `[${lyricClock(start)}]${text.replaceAll("[", "(").replaceAll("]", ")")}`;
    const pause = (cues[i + 1]?.start ?? Infinity) - end >= CLEAR_AFTER;
    return pause ? [line, `[${lyricClock(end)}]`] : [line];
  });
  return lines.map((line) => `${line}\n`).join("");
}

const CLEAR_AFTER = 1;
