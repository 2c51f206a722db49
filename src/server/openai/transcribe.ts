/** One transcription of OpenAI's API, from the form to the reply. */
import type { Segment } from "../../longform/result.ts";
import type { Transcriber } from "../../transcriber/transcriber.ts";
import type { ServerContext } from "../context.ts";
import { headersOf } from "../headers.ts";
import { timesFor } from "../recognition.ts";
import type { Form } from "../upload.ts";
import type { EventStream } from "./event-stream.ts";
import { JoinedTexts } from "./joined-texts.ts";
import { logprobs, needsTimes, plainReply, replyTo } from "./replies.ts";
import { readTranscription } from "./request.ts";

/**
 * The reply to a form, which is disposed of at the end; for a stream, its events go to `events`. Throws what is wrong with the
 * form, and as `ServerContext.transcribe`.
 */
export async function transcribe(
  context: ServerContext,
  form: Form,
  signal: AbortSignal,
  events: EventStream,
): Promise<Response> {
  await using _ = form;
  const request = readTranscription(form.fields);
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
  const texts = new JoinedTexts();
  return (segment) => {
    const delta = texts.add(segment.text);
    const probabilities = logprobsOf === undefined ? {} : { logprobs: logprobs(segment, logprobsOf) };
    events.send({ type: "transcript.text.delta", delta, ...probabilities });
  };
}
