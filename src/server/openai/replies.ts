/** A transcription in the forms of OpenAI's API, and in those of output files. */
import type { Segment, Transcription } from "../../longform/result.ts";
import { OUTPUT_FORMATS } from "../../text/outputs/formats.ts";
import type { CueOptions } from "../../text/outputs/cues.ts";
import type { TimedUnit } from "../../text/timestamps/timed.ts";
import { tokenBytes } from "../../transcriber/token-bytes.ts";
import type { Transcriber } from "../../transcriber/transcriber.ts";
import { languageIn, namedLanguage } from "../language.ts";
import { replyTypes } from "./fields.ts";
import type { ReplyFormat } from "./fields.ts";

const { txt, srt, vtt, lrc, tsv, csv, textgrid, ctm, rttm } = OUTPUT_FORMATS;
const files = { text: txt, srt, vtt, lrc, tsv, csv, textgrid, ctm, rttm } satisfies {
  readonly [format in Exclude<ReplyFormat, "json" | "verbose_json">]: object;
};

export interface ReplyOptions {
  readonly format: ReplyFormat;
  readonly granularities: ReadonlySet<"segment" | "word">;
  /** What the client said it is. */
  readonly language: string | undefined;
  /** The model whose tokens' probabilities are wanted. */
  readonly logprobsOf: Transcriber | undefined;
  readonly cues?: CueOptions;
}

/** Whether a reply has times. */
export const needsTimes = (format: ReplyFormat): boolean => format !== "json" && format !== "text";

export function replyTo(transcription: Transcription, options: ReplyOptions): Response {
  const { format } = options;
  const headers = { "content-type": replyTypes[format] };
  if (format === "json") return Response.json(plainReply(transcription, options), { headers });
  if (format === "verbose_json") return Response.json(verboseReply(transcription, options), { headers });
  const transcript = { ...transcription, duration: transcription.duration ?? 0 };
  const body = files[format].write(transcript, { name: "audio", ...options.cues });
  return new Response(body, { headers });
}

export function plainReply(
  transcription: Transcription,
  { language, logprobsOf }: Pick<ReplyOptions, "language" | "logprobsOf">,
): object {
  const { text, segments } = transcription;
  const known = namedLanguage(transcription, language);
  return {
    text: text.trim(),
    ...(logprobsOf === undefined
      ? {}
      : { logprobs: segments.flatMap((segment) => logprobs(segment, logprobsOf)) }),
    ...(known === undefined ? {} : { languages: [{ code: known.code }] }),
    usage: usageOf(transcription),
  };
}

function verboseReply(transcription: Transcription, { granularities, language }: ReplyOptions): object {
  const { text, segments, words = [], duration = 0 } = transcription;
  const known = namedLanguage(transcription, language) ?? languageIn(text);
  const wantsSegments = granularities.size === 0 || granularities.has("segment");
  return {
    task: "transcribe",
    language: known?.english.toLowerCase() ?? "unknown",
    duration: rounded(duration),
    text: text.trim(),
    ...(granularities.has("word") ? { words: words.map(wordOf) } : {}),
    ...(wantsSegments ? { segments: segments.map((segment) => segmentOf(segment)) } : {}),
    usage: usageOf(transcription),
  };
}

export function segmentOf({ id, start, end, text, tokens, ...measures }: Segment): object {
  const { temperature = 0, avgLogprob = 0, compressionRatio = 0, noSpeechProb = 0 } = measures;
  return {
    id,
    seek: 0,
    start: rounded(start),
    end: rounded(end),
    text,
    tokens,
    temperature,
    avg_logprob: avgLogprob,
    compression_ratio: compressionRatio,
    no_speech_prob: noSpeechProb,
  };
}

export function wordOf({ text, start, end }: TimedUnit): object {
  return { word: text, start: rounded(start), end: rounded(end) };
}

/** The tokens of a segment with the logarithms of their probabilities; none where the model does not give them. */
export function logprobs({ tokens, logprobs = [] }: Segment, model: Transcriber): object[] {
  return logprobs.map((logprob, i) => {
    const bytes = tokenBytes(model, tokens[i]!);
    return { token: new TextDecoder().decode(bytes), logprob, bytes: [...bytes] };
  });
}

export function usageOf({ duration = 0 }: Transcription): object {
  return { type: "duration", seconds: Math.ceil(duration) };
}

/** To milliseconds. */
export const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
