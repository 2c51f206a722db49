/**
 * A result as JSON, by `schemas/transcript-v2.json`: the library's fields under the library's names. Times are rounded to
 * milliseconds, scores and probabilities to three decimals.
 */
import type { Transcript } from "./transcript.ts";

/** Changes when a field changes its meaning or is removed. */
const JSON_VERSION = 2;

/** Fields with three decimals: seconds of the recording, scores and probabilities. */
const ROUNDED = new Set(["start", "end", "at", "duration", "score", "probability"]);

export interface JsonDocument extends Pick<Transcript, "text" | "duration" | "segments"> {
  /** The names of the audio file and the model, and everything else that the library gives. */
  readonly [field: string]: unknown;
}

export function toJson(document: JsonDocument | Transcript): string {
  const round = (field: string, value: unknown): unknown =>
    typeof value === "number" && ROUNDED.has(field) ? Math.round(value * 1000) / 1000 : value;
  return `${JSON.stringify({ version: JSON_VERSION, ...document }, round, 2)}\n`;
}
