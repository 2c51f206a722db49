/** The replies of OpenAI's API as JSON Schemas: what replies.ts writes. */
import { anyOf, choice, integer, listOf, number, object, text } from "../schema.ts";
import type { Schema } from "../schema.ts";
import { replyTypes } from "./fields.ts";

const nullable = { type: ["string", "null"] };

export const openaiErrorSchema = object({
  error: object({
    message: text,
    type: choice("invalid_request_error", "server_error"),
    param: nullable,
    code: text,
  }),
});

const usage = object({ type: choice("duration"), seconds: integer });

const plain = object(
  { text, usage },
  {
    logprobs: listOf(object({ token: text, logprob: number, bytes: listOf(integer) })),
    languages: listOf(object({ code: text })),
  },
);

export const wordSchema = object({ word: text, start: number, end: number });
export const segmentMembers = {
  id: integer,
  seek: integer,
  start: number,
  end: number,
  text,
  tokens: listOf(integer),
  temperature: number,
  avg_logprob: number,
  compression_ratio: number,
  no_speech_prob: number,
};

/** What verbose replies of all protocols begin with. */
export const verboseMembers = { task: choice("transcribe"), language: text, duration: number, text };

const verbose = object(
  { ...verboseMembers, usage },
  { words: listOf(wordSchema), segments: listOf(object(segmentMembers)) },
);

/** A schema for each media type of replies; JSON is one of two. */
export const transcriptionTypes: { readonly [type: string]: Schema } = {
  ...Object.fromEntries(Object.values(replyTypes).map((type) => [type.replace(/;.*/su, ""), text] as const)),
  "application/json": anyOf(plain, verbose),
  "text/event-stream": text,
};
