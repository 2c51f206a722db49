/**
 * Times after the end of the audio. The old checkout may write some, which is a fault that was mended: all times of
 * such an output are then other ones, and the rest of it must be the same. The new checkout writes none.
 */
import type { Field } from "./intended.ts";

/** Outputs with times in seconds, from the start of the recording. */
export type TimedKind = "json" | "srt" | "ctm";

/** Fields of JSON that hold a time. */
const timeFields: ReadonlySet<string> = new Set(["start", "end", "time"]);
/** Seconds: half of the millisecond to which outputs are rounded. */
const ROUNDING = 0.0005;
const SRT_TIME = /(\d{2}):(\d{2}):(\d{2}),(\d{3})/gu;
/** The two lines before a cue's text. */
const SRT_CUE = /^\d+\n[\d:,]+ --> [\d:,]+\n/gmu;

/** Whether any time in `content` is after `seconds`, the length of the audio. */
export function endsLate(kind: TimedKind, content: string, seconds: number): boolean {
  return timesOf(kind, content).some((time) => time > seconds + ROUNDING);
}

function timesOf(kind: TimedKind, content: string): number[] {
  if (kind === "json") return jsonTimes(JSON.parse(content));
  if (kind === "ctm") return ctmRows(content).map((row) => Number(row[2]) + Number(row[3]));
  return [...content.matchAll(SRT_TIME)].map(
    ([, hours, minutes, seconds, milliseconds]) =>
      3600 * Number(hours) + 60 * Number(minutes) + Number(seconds) + Number(milliseconds) / 1000,
  );
}

function jsonTimes(value: unknown): number[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    timeFields.has(name) && typeof inner === "number" ? [inner] : jsonTimes(inner),
  );
}

/** The text of subtitles without cues and spaces, since times decide where a cue ends; or CTM rows without times. */
export function withoutTimes(kind: "srt" | "ctm", content: string): string {
  if (kind === "srt") return content.replaceAll(SRT_CUE, "").replaceAll(/\s/gu, "");
  return ctmRows(content)
    .map(([recording, channel, _start, _duration, ...rest]) => [recording, channel, ...rest].join(" "))
    .join("\n");
}

/** Recording, channel, start, duration, word, and confidence where there is one. */
function ctmRows(content: string): string[][] {
  return content
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "));
}

/** The fields that are compared where times are not. */
export function fieldsWithoutTimes(fields: readonly Field[]): Field[] {
  return fields.filter(({ old }) => !timeFields.has(old));
}
