/** What a client of OpenAI's realtime API has set for its session: of the API itself, and of its beta. */
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from "../../audio/limits.ts";
import type { ListenOptions } from "../../live/options.ts";
import { recordingOptions } from "../../options/table.ts";
import { accepts, wanted } from "../../options/rules.ts";
import { Fields } from "../fields.ts";
import { readRecognition, recognitionFields } from "../recognition.ts";
import { at, textAt, textsAt, wrong } from "../websocket/json.ts";
import { pcm16 } from "../websocket/sample-reader.ts";
import type { SampleFormat } from "../websocket/sample-reader.ts";

export interface RealtimeSettings {
  /** How the client writes its settings, and reads them. */
  readonly dialect: "current" | "beta";
  readonly model: string;
  readonly format: SampleFormat;
  readonly language: string | undefined;
  readonly languages: readonly string[];
  readonly keywords: readonly string[];
  readonly prompt: string | undefined;
  /** What ends a turn: a pause, or the client alone. */
  readonly detection: { readonly silenceMs: number | undefined } | undefined;
  readonly logprobs: boolean;
}

const RATE = 24_000;
const LAW_RATE = 8000;
const include = "item.input_audio_transcription.logprobs";

export const firstSettings = (model: string): RealtimeSettings => ({
  dialect: "current",
  model,
  format: pcm16(RATE),
  language: undefined,
  languages: [],
  keywords: [],
  prompt: undefined,
  detection: { silenceMs: undefined },
  logprobs: false,
});

/** The settings with those that `session` has. Throws `bad_message`. */
export function withSession(settings: RealtimeSettings, session: unknown, isBeta: boolean): RealtimeSettings {
  const input = isBeta ? session : at(session, "audio.input");
  const place = isBeta ? "session" : "session.audio.input";
  const transcription = at(input, isBeta ? "input_audio_transcription" : "transcription");
  const detection = at(input, "turn_detection");
  const included = textsAt(session, "include");
  return {
    ...settings,
    dialect: isBeta ? "beta" : "current",
    format:
      (isBeta ? betaFormat(at(input, "input_audio_format")) : formatOf(at(input, "format"))) ??
      settings.format,
    ...(typeof transcription === "object" && transcription !== null
      ? {
          model: textAt(transcription, "model") ?? settings.model,
          language: textAt(transcription, "language"),
          languages: textsAt(transcription, "languages") ?? [],
          keywords: textsAt(transcription, "keywords") ?? [],
          prompt: textAt(transcription, "prompt"),
        }
      : {}),
    ...(detection === undefined ? {} : { detection: detectionOf(detection, place) }),
    ...(included === undefined ? {} : { logprobs: included.includes(include) }),
  };
}

function formatOf(given: unknown): SampleFormat | undefined {
  if (given === undefined || given === null) return undefined;
  const place = "session.audio.input.format";
  const type = textAt(given, "type");
  if (type === "audio/pcmu" || type === "audio/pcma") return law(type === "audio/pcmu");
  if (type !== "audio/pcm") throw wrong(`${place}.type`, type, "audio/pcm, audio/pcmu or audio/pcma");
  const rate = at(given, "rate") ?? RATE;
  if (
    typeof rate === "number" &&
    Number.isInteger(rate) &&
    rate >= MIN_SAMPLE_RATE &&
    rate <= MAX_SAMPLE_RATE
  )
    return pcm16(rate);
  throw wrong(`${place}.rate`, rate, `a whole number from ${MIN_SAMPLE_RATE} to ${MAX_SAMPLE_RATE}`);
}

function betaFormat(given: unknown): SampleFormat | undefined {
  if (given === undefined || given === null) return undefined;
  if (given === "pcm16") return pcm16(RATE);
  if (given === "g711_ulaw" || given === "g711_alaw") return law(given === "g711_ulaw");
  throw wrong("session.input_audio_format", given, "pcm16, g711_ulaw or g711_alaw");
}

const law = (isMu: boolean): SampleFormat => ({
  encoding: isMu ? "mu-law" : "a-law",
  bits: 8,
  sampleRate: LAW_RATE,
});

/** The threshold and the padding belong to another detector. */
function detectionOf(given: unknown, place: string): RealtimeSettings["detection"] {
  if (given === null) return undefined;
  const type = textAt(given, "type");
  if (type !== "server_vad" && type !== "semantic_vad")
    throw wrong(`${place}.turn_detection.type`, type, "server_vad or semantic_vad");
  const silence = at(given, "silence_duration_ms") ?? undefined;
  if (silence === undefined) return { silenceMs: undefined };
  const rule = recordingOptions.chunk.value.options.pause.value;
  if (typeof silence === "number" && accepts(rule, silence / 1000)) return { silenceMs: silence };
  throw wrong(
    `${place}.turn_detection.silence_duration_ms`,
    silence,
    `milliseconds: ${wanted(rule)} in seconds`,
  );
}

/** The options of recognition. Throws `bad_option`. */
export function optionsOf(settings: RealtimeSettings): ListenOptions {
  const { language, languages, keywords, prompt, detection, logprobs } = settings;
  const values = new Map([
    ["language", language === undefined ? [] : [language]],
    ["languages", languages],
    ["keywords", keywords],
    ["prompt", prompt === undefined ? [] : [prompt]],
  ] as const);
  const pause = detection?.silenceMs === undefined ? undefined : detection.silenceMs / 1000;
  return { ...readRecognition(new Fields(recognitionFields, values)), logprobs, chunk: { pause } };
}

/** The session as its client reads it. */
export function sessionObject(id: string, settings: RealtimeSettings): object {
  const { dialect, model, language, languages, keywords, prompt, detection, logprobs } = settings;
  const transcription = {
    model,
    ...(language === undefined ? {} : { language }),
    ...(languages.length === 0 ? {} : { languages }),
    ...(keywords.length === 0 ? {} : { keywords }),
    ...(prompt === undefined ? {} : { prompt }),
  };
  const silence = detection?.silenceMs === undefined ? {} : { silence_duration_ms: detection.silenceMs };
  const turn_detection = detection === undefined ? null : { type: "server_vad", ...silence };
  const common = { id, object: "realtime.transcription_session", include: logprobs ? [include] : null };
  const format = formatNames(settings.format);
  if (dialect === "beta")
    return {
      ...common,
      input_audio_format: format.beta,
      input_audio_transcription: transcription,
      turn_detection,
    };
  const input = { format: format.current, transcription, noise_reduction: null, turn_detection };
  return { ...common, type: "transcription", audio: { input } };
}

function formatNames({ encoding, sampleRate }: SampleFormat): {
  readonly current: object;
  readonly beta: string;
} {
  if (encoding === "mu-law") return { current: { type: "audio/pcmu" }, beta: "g711_ulaw" };
  if (encoding === "a-law") return { current: { type: "audio/pcma" }, beta: "g711_alaw" };
  return { current: { type: "audio/pcm", rate: sampleRate }, beta: "pcm16" };
}
