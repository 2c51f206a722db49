/** The fields that say what is recognized, in the names of OpenAI, FunASR and whisper.cpp: they mean the same on all paths. */
import type { TranscribeOptions } from "../longform/options.ts";
import { decodingOptions, promptOptions } from "../options/table.ts";
import { splitHotwords } from "../text/hotwords/hot-file.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { Fields, FieldTable } from "./fields.ts";

const text = { kind: "text" } as const;

export const recognitionFields = {
  language: promptOptions.language,
  languages: {
    value: text,
    several: true,
    help: "languages that may be spoken; one is the language, and among several the model decides",
  },
  prompt: promptOptions.context,
  keywords: { value: text, several: true, help: "words that may occur, best first, one in each field" },
  hotwords: { value: text, help: "words that may occur, best first, separated by commas" },
  hotword: { value: text, help: "the same" },
  temperature: {
    value: { kind: "number", least: 0, most: 1 },
    default: 0,
    help: decodingOptions.temperature.help,
  },
  seed: decodingOptions.seed,
} as const satisfies FieldTable;

/** Throws `bad_option`. */
export function readRecognition(fields: Fields<typeof recognitionFields>): TranscribeOptions {
  const languages = fields.all("language", "languages");
  const hotwords = [...fields.all("keywords"), ...fields.all("hotwords", "hotword").flatMap(splitHotwords)];
  return {
    // several are a choice, which is the model's
    language: languages.length === 1 ? languages[0] : undefined,
    context: fields.value("prompt"),
    hotwords: hotwords.length === 0 ? undefined : hotwords,
    temperature: fields.value("temperature"),
    seed: fields.value("seed"),
  };
}

/** Segments have times of their own with any model, words only where it can time its text. */
export function timesFor(model: Transcriber, wanted: boolean, words: boolean): "word" | "none" {
  return words || (wanted && model.info.times) ? "word" : "none";
}
