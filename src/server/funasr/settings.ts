/** What a client of FunASR's server has set by its messages, which change any part of it at any time. */
import type { RecognizeOptions } from "../../recognizers/options.ts";
import { splitHotwords } from "../../text/hotwords/hot-file.ts";
import { at, textAt, wrong } from "../websocket/json.ts";
import type { Members } from "../websocket/json.ts";
import { pcm16 } from "../websocket/sample-reader.ts";
import type { SampleFormat } from "../websocket/sample-reader.ts";
import type { FunasrForm } from "./stamps.ts";

const modes = ["offline", "online", "2pass"] as const;

export interface FunasrSettings {
  readonly form: FunasrForm;
  readonly mode: (typeof modes)[number];
  readonly name: string;
  /** Of the samples; where there is none, the bytes are those of a file of any kind. */
  readonly format: SampleFormat | undefined;
  readonly hotwords: readonly string[];
  readonly language: string | undefined;
  readonly itn: boolean | undefined;
}

const RATE = 16_000;

export const firstSettings: FunasrSettings = {
  form: "c++",
  mode: "2pass",
  name: "microphone",
  format: pcm16(RATE),
  hotwords: [],
  language: undefined,
  itn: undefined,
};

/** The settings with those that a message has. Throws `bad_message`. */
export function withMessage(settings: FunasrSettings, message: Members): FunasrSettings {
  const mode = at(message, "mode") ?? settings.mode;
  const known = modes.find((one) => one === mode);
  if (known === undefined) throw wrong("mode", mode, modes.join(", "));
  const rate = at(message, "audio_fs") ?? settings.format?.sampleRate ?? RATE;
  if (typeof rate !== "number") throw wrong("audio_fs", rate, "a sample rate in Hz");
  const kind = textAt(message, "wav_format") ?? (settings.format === undefined ? "others" : "pcm");
  const hotwords = textAt(message, "hotwords");
  const itn = at(message, "itn") ?? at(message, "svs_itn") ?? settings.itn;
  return {
    // only clients of the server in Python set this
    form: at(message, "encoder_chunk_look_back") === undefined ? settings.form : "python",
    mode: known,
    name: textAt(message, "wav_name") ?? settings.name,
    format: kind.toLowerCase() === "pcm" ? pcm16(rate) : undefined,
    hotwords: hotwords === undefined ? settings.hotwords : hotwordsIn(hotwords),
    language: textAt(message, "svs_lang") ?? settings.language,
    itn: typeof itn === "boolean" ? itn : settings.itn,
  };
}

/** A list, or a JSON object of words with weights: the heaviest is the best. */
function hotwordsIn(text: string): readonly string[] {
  if (!text.trimStart().startsWith("{")) return splitHotwords(text);
  let weights: unknown;
  try {
    weights = JSON.parse(text);
  } catch {
    throw wrong("hotwords", text, "words separated by commas, or a JSON object of words and weights");
  }
  const entries = Object.entries(weights as Readonly<Record<string, unknown>>);
  return entries.toSorted(([, a], [, b]) => Number(b) - Number(a)).map(([word]) => word);
}

/** What both recordings and live sound are recognized with. */
export function optionsOf({
  hotwords,
  language,
  itn,
}: Pick<FunasrSettings, "hotwords" | "language" | "itn">): Pick<
  RecognizeOptions,
  "hotwords" | "language" | "itn"
> {
  return { hotwords: hotwords.length === 0 ? undefined : hotwords, language, itn };
}
