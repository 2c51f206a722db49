/**
 * A result as JSON, by `schemas/transcript-v2.json`: the library's fields under the library's names. Times are rounded to
 * milliseconds.
 */
import type { Transcript } from "./transcript.ts";

/** Changes when a field changes its meaning or is removed. */
const JSON_VERSION = 2;

/** Fields that hold seconds of the recording. */
const TIMES = new Set(["start", "end", "at", "duration"]);

export interface JsonDocument extends Pick<Transcript, "text" | "duration" | "segments"> {
  /** The names of the audio file and the model, and everything else that the library gives. */
  readonly [field: string]: unknown;
}

export function toJson(document: JsonDocument | Transcript): string {
  const round = (field: string, value: unknown): unknown =>
    typeof value === "number" && TIMES.has(field) ? Math.round(value * 1000) / 1000 : value;
  return `${JSON.stringify({ version: JSON_VERSION, ...document }, round, 2)}\n`;
}
