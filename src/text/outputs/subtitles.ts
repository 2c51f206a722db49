/** Subtitle files: SubRip, WebVTT (W3C) and LRC. */
import type { TimedText } from "../timestamps/timed.ts";
import { forLyrics, forSubRip, forWebVtt } from "./clean.ts";
import { clock, lyricClock } from "./clock.ts";
import { shapeCues } from "./cues.ts";
import type { CueOptions } from "./cues.ts";
import type { Transcript } from "./transcript.ts";

const ARROW = "-->";

export function toSrt(transcript: Transcript, options?: CueOptions): string {
  const cue = ({ text, start, end }: TimedText, i: number): string =>
    `${i + 1}\n${clock(start, ",")} ${ARROW} ${clock(end, ",")}\n${forSubRip(text)}\n`;
  return shapeCues(transcript, options).map(cue).join("\n");
}

export function toVtt(transcript: Transcript, options?: CueOptions): string {
  const cues = shapeCues(transcript, options).map(
    ({ text, start, end }) => `${clock(start, ".")} ${ARROW} ${clock(end, ".")}\n${forWebVtt(text)}\n`,
  );
  return ["WEBVTT\n", ...cues].join("\n");
}

/** A line for each cue, which has one line only, and an empty one before a pause, so that a player clears the screen. */
export function toLrc(transcript: Transcript, options?: CueOptions): string {
  const whole = options?.borders === "cues" ? { maxChars: Infinity } : {};
  const cues = shapeCues(transcript, { ...options, ...whole, maxLines: 1 });
  const lines = cues.flatMap(({ text, start, end }, i) => {
    const line = `[${lyricClock(start)}]${forLyrics(text)}`;
    const pause = (cues[i + 1]?.start ?? Infinity) - end >= CLEAR_AFTER;
    return pause ? [line, `[${lyricClock(end)}]`] : [line];
  });
  return lines.map((line) => `${line}\n`).join("");
}

const CLEAR_AFTER = 1;
