/** The server of whisper.cpp: a form to /inference, which names no model. */
import type { ServerContext } from "../context.ts";
import { segmentMembers, verboseMembers, wordSchema } from "../openai/schemas.ts";
import type { Protocol } from "../route.ts";
import { anyOf, integer, listOf, number, object, text } from "../schema.ts";
import { inferenceFields } from "./fields.ts";

const word = object({ ...(wordSchema["properties"] as typeof segmentMembers), probability: number });
const segment = anyOf(object({ ...segmentMembers, words: listOf(word) }), object({ id: integer, text }));
const types = {
  "application/json": anyOf(object({ text }), object({ ...verboseMembers, segments: listOf(segment) })),
  "text/plain": text,
  "application/x-subrip": text,
  "text/vtt": text,
};

export function whisperProtocol(context: ServerContext): Protocol {
  return {
    routes: [
      {
        method: "POST",
        path: "/inference",
        help: "The text of a recording, as in whisper.cpp's server.",
        form: inferenceFields,
        replies: { 200: { help: "The text, in the form of response_format.", types } },
        async answer({ req }) {
          const signal = context.signalOf(req.raw);
          const { infer } = await import("./inference.ts"); // the server answers /health before it is loaded
          await using form = await context.readForm(req.raw, signal);
          return await infer(context, form, signal);
        },
      },
    ],
    // here an error is a text
    errorOf: ({ message }) => ({ error: message }),
    error: object({ error: text }),
  };
}
