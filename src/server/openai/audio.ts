/** OpenAI's /v1/audio: transcriptions, at once or as a stream of events. */
import { Hono } from "hono";
import { answerError } from "../answer-error.ts";
import type { ServerContext } from "../context.ts";
import { faultOf, openaiError, RequestError } from "../errors.ts";
import { EventStream } from "./event-stream.ts";

export function audioRoutes(context: ServerContext): Hono {
  const app = new Hono();
  app.post("/v1/audio/transcriptions", async (c) => {
    const signal = context.signalOf(c.req.raw);
    const { transcribe } = await import("./transcribe.ts"); // the server answers /health before it is loaded
    const form = await context.readForm(c.req.raw, signal);
    const events = new EventStream();
    const answer = transcribe(context, form, signal, events);
    answer.catch((error: unknown) => {
      // before it has begun, the race below ends with the error
      if (signal.aborted || !events.hasBegun) return events.end();
      const fault = faultOf(error);
      if (fault.status >= 500) context.options.onError?.(error);
      events.fail(openaiError(fault));
    });
    return Promise.race([answer, events.begun]);
  });
  app.post("/v1/audio/translations", () => {
    throw new RequestError("unsupported_task", "translations", "no model translates", {
      remedy: "/v1/audio/transcriptions writes what is said in its own language",
    });
  });
  app.onError((error, c) => answerError(context, c, error, openaiError));
  return app;
}
