/**
 * The transcript as JSON, for programs. The version changes when a field changes its meaning or is removed; new
 * fields may be added at any time. Times are seconds, to the millisecond; scores have three digits.
 */
import type { TimedUnit } from "../timestamps/timed.ts";
import type { Transcript, TranscriptSegment } from "./transcript.ts";

export const JSON_VERSION = 1;

/** Further fields of the caller: model, file name, timings … */
export type JsonExtras = Readonly<Record<string, unknown>>;

export function toJson(transcript: Transcript, extras: JsonExtras = {}): string {
  const { text, duration, language, segments, warnings = [] } = transcript;
  const value = {
    version: JSON_VERSION,
    text,
    duration: round(duration),
    language,
    segments: segments.map(toSegment),
    warnings,
    ...extras,
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function toSegment(segment: TranscriptSegment, id: number): object {
  const { start, end, text, words, characters, tokens, temperature, warnings } = segment;
  const { avgLogprob, compressionRatio, noSpeechProb, agreement } = segment;
  return {
    id,
    start: round(start),
    end: round(end),
    text,
    tokens,
    temperature,
    avgLogprob,
    compressionRatio,
    noSpeechProb,
    agreement,
    warnings,
    words: words?.map(toUnit),
    characters: characters?.map(toUnit),
  };
}

function toUnit({ text, start, end, source, score, probability }: TimedUnit): object {
  return {
    text,
    start: round(start),
    end: round(end),
    source,
    score: score === undefined ? undefined : round(score),
    probability: probability === undefined ? undefined : round(probability),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

const unit = {
  type: "object",
  required: ["text", "start", "end", "source"],
  additionalProperties: false,
  properties: {
    text: { type: "string" },
    start: { type: "number", minimum: 0 },
    end: { type: "number", minimum: 0 },
    source: { enum: ["ctc", "cif", "interpolated"] },
    score: { type: "number", minimum: 0, maximum: 1 },
    probability: { type: "number", minimum: 0, maximum: 1 },
  },
} as const;

const warnings = {
  type: "array",
  items: {
    type: "object",
    required: ["code", "message"],
    additionalProperties: false,
    properties: { code: { type: "string" }, message: { type: "string" } },
  },
} as const;

/** JSON Schema (2020-12, with the vocabulary of draft 7 only) of what {@link toJson} writes. */
export const JSON_SCHEMA = {
  title: "fun-asr transcript",
  type: "object",
  required: ["version", "text", "duration", "segments", "warnings"],
  properties: {
    version: { const: JSON_VERSION },
    text: { type: "string" },
    duration: { type: "number", minimum: 0 },
    language: { type: "string" },
    warnings,
    segments: {
      type: "array",
      items: {
        type: "object",
        required: ["id", "start", "end", "text"],
        additionalProperties: false,
        properties: {
          id: { type: "integer", minimum: 0 },
          start: { type: "number", minimum: 0 },
          end: { type: "number", minimum: 0 },
          text: { type: "string" },
          tokens: { type: "array", items: { type: "integer", minimum: 0 } },
          temperature: { type: "number", minimum: 0 },
          avgLogprob: { type: "number", maximum: 0 },
          compressionRatio: { type: "number", minimum: 0 },
          noSpeechProb: { type: "number", minimum: 0, maximum: 1 },
          agreement: { type: "number", minimum: 0, maximum: 1 },
          warnings,
          words: { type: "array", items: unit },
          characters: { type: "array", items: unit },
        },
      },
    },
  },
} as const;
