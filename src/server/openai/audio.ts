/** OpenAI's /v1/audio: transcriptions, at once or as a stream of events. */
import { Hono } from "hono";
import { answerError } from "../answer-error.ts";
import type { ServerContext } from "../context.ts";
import { faultOf, openaiError, RequestError } from "../errors.ts";
import { Fields } from "../fields.ts";
import { headersOf } from "../headers.ts";
import { joinTexts } from "../../longform/segment.ts";
import type { Transcriber } from "../../transcriber/transcriber.ts";
import type { Segment } from "../../longform/result.ts";
import type { Form } from "../upload.ts";
import { EventStream } from "./event-stream.ts";
import { logprobs, needsTimes, plainReply, replyTo } from "./replies.ts";
import { timesFor } from "../recognition.ts";
import { readTranscription } from "./request.ts";

export function audioRoutes(context: ServerContext): Hono {
  const app = new Hono();
  app.post("/v1/audio/transcriptions", async (c) => {
    const signal = context.signalOf(c.req.raw);
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

async function transcribe(
  context: ServerContext,
  form: Form,
  signal: AbortSignal,
  events: EventStream,
): Promise<Response> {
  await using _ = form;
  const request = readTranscription(new Fields(form.fields));
  const { format, isStream, granularities, options } = request;
  if (isStream) events.open(headersOf(request.ignored, []));
  const { transcription, model } = await context.transcribe(form, request.model, signal, (model) => ({
    ...options,
    timestamps: timesFor(model, needsTimes(format), granularities.has("word")),
    onSegment: isStream ? deltas(events, request.logprobs ? model : undefined) : undefined,
  }));
  const { language } = options;
  const logprobsOf = request.logprobs ? model : undefined;
  const headers = headersOf(request.ignored, transcription.warnings);
  if (isStream) {
    const done = plainReply(transcription, { language, logprobsOf });
    events.send({ type: "transcript.text.done", ...done });
    events.end();
    return events.begun;
  }
  const reply = replyTo(transcription, { format, granularities, language, logprobsOf });
  for (const [name, value] of Object.entries(headers)) reply.headers.set(name, value);
  return reply;
}

/** Sends what each segment adds to the text: all of it together is the text at the end, and nothing is taken back. */
function deltas(events: EventStream, logprobsOf: Transcriber | undefined): (segment: Segment) => void {
  let sent = "";
  return (segment) => {
    const text = joinTexts([sent, segment.text]);
    const delta = text.slice(sent.length);
    sent = text;
    const probabilities = logprobsOf === undefined ? {} : { logprobs: logprobs(segment, logprobsOf) };
    events.send({ type: "transcript.text.delta", delta, ...probabilities });
  };
}
