/** OpenAI's /v1/audio: transcriptions, at once or as a stream of events. */
import type { ServerContext } from "../context.ts";
import { openaiError, RequestError } from "../errors.ts";
import type { Protocol } from "../route.ts";
import { EventStream } from "./event-stream.ts";
import { transcriptionFields } from "./fields.ts";
import { openaiErrorSchema, transcriptionTypes } from "./schemas.ts";

export function audioProtocol(context: ServerContext): Protocol {
  const transcribeForm = async (request: Request): Promise<Response> => {
    const signal = context.signalOf(request);
    const { transcribe } = await import("./transcribe.ts"); // the server answers /health before it is loaded
    const form = await context.readForm(request, signal);
    const events = new EventStream();
    const answer = transcribe(context, form, signal, events);
    answer.catch((error: unknown) => {
      // before it has begun, the race below ends with the error
      if (signal.aborted || !events.hasBegun) return events.end();
      events.fail(openaiError(context.faultOf(error)));
    });
    return Promise.race([answer, events.begun]);
  };
  return {
    routes: [
      {
        method: "POST",
        path: "/v1/audio/transcriptions",
        help: "The text of a recording, as in OpenAI's API.",
        form: transcriptionFields,
        replies: { 200: { help: "The text, in the form of response_format.", types: transcriptionTypes } },
        answer: ({ req }) => transcribeForm(req.raw),
      },
      {
        method: "POST",
        path: "/v1/audio/translations",
        help: "Always refused: no model translates.",
        replies: {},
        answer: () => {
          throw new RequestError("unsupported_task", "translations", "no model translates", {
            remedy: "/v1/audio/transcriptions writes what is said in its own language",
          });
        },
      },
    ],
    errorOf: openaiError,
    error: openaiErrorSchema,
  };
}
