/** One recognition in the form of whisper.cpp's server. */
import type { ServerContext } from "../context.ts";
import { RequestError } from "../errors.ts";
import { Fields } from "../fields.ts";
import { headersOf } from "../headers.ts";
import { languageIn, namedLanguage } from "../language.ts";
import type { TranscribeOptions } from "../../longform/options.ts";
import type { Segment, Transcription } from "../../longform/result.ts";
import { replyTo, rounded, segmentOf, wordOf } from "../openai/replies.ts";
import { readRecognition, timesFor } from "../recognition.ts";
import type { Form } from "../upload.ts";
import { inferenceFields } from "./fields.ts";
import type { InferenceFormat } from "./fields.ts";

interface InferenceRequest {
  readonly format: InferenceFormat;
  readonly options: TranscribeOptions;
  readonly maxChars: number | undefined;
  readonly hasTimes: boolean;
  readonly ignored: readonly string[];
}

/** The reply to a form. Throws what is wrong with it, and as `ServerContext.transcribe`. */
export async function infer(context: ServerContext, form: Form, signal: AbortSignal): Promise<Response> {
  const { format, options, maxChars, hasTimes, ignored } = readInference(form.fields);
  const { transcription } = await context.transcribe(form, context.models.mainId, signal, (model) => ({
    ...options,
    timestamps: timesFor(model, hasTimes && format !== "json" && format !== "text", false),
  }));
  const reply =
    format === "json"
      ? Response.json({ text: transcription.text.trim() })
      : format === "verbose_json"
        ? Response.json(verboseReply(transcription, options.language, hasTimes))
        : replyTo(transcription, {
            format,
            granularities: new Set(),
            language: options.language,
            logprobsOf: undefined,
            cues: { maxChars },
          });
  for (const [name, value] of Object.entries(headersOf(ignored, transcription.warnings)))
    reply.headers.set(name, value);
  return reply;
}

/** Throws `bad_option`, and `unsupported_task` for a translation. */
function readInference(values: Form["fields"]): InferenceRequest {
  const fields = new Fields(inferenceFields, values);
  if (fields.value("translate"))
    throw new RequestError("unsupported_task", "translate", "no model translates");
  const [start, duration] = [fields.value("offset_t"), fields.value("duration")];
  const maxChars = fields.value("max_len");
  const format = fields.value("response_format") ?? "json";
  return {
    format,
    options: {
      ...readRecognition(fields),
      logprobs: format === "verbose_json",
      start: start === undefined ? undefined : start / 1000,
      // 0 stands for no limit, here and below
      duration: duration === undefined || duration === 0 ? undefined : duration / 1000,
    },
    maxChars: maxChars === 0 ? undefined : maxChars,
    hasTimes: fields.value("no_timestamps") !== true,
    ignored: fields.ignored,
  };
}

/** As OpenAI's, with the words within the segments. */
function verboseReply(transcription: Transcription, language: string | undefined, hasTimes: boolean): object {
  const { text, segments, duration = 0 } = transcription;
  const known = namedLanguage(transcription, language) ?? languageIn(text);
  const withWords = (segment: Segment): object => ({
    ...segmentOf(segment),
    words: (segment.words ?? []).map((word) => ({ ...wordOf(word), probability: word.probability ?? 0 })),
  });
  return {
    task: "transcribe",
    language: known?.english.toLowerCase() ?? "unknown",
    duration: rounded(duration),
    text: text.trim(),
    segments: segments.map((segment) =>
      hasTimes ? withWords(segment) : { id: segment.id, text: segment.text },
    ),
  };
}
