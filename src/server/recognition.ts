/** The fields that say what is recognized, in the names of OpenAI, FunASR and whisper.cpp: they mean the same on all paths. */
import type { TranscribeOptions } from "../longform/options.ts";
import { decodingOptions } from "../options/table.ts";
import { splitHotwords } from "../text/hotwords/hot-file.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { Fields } from "./fields.ts";

/** Throws `bad_option`. */
export function readRecognition(fields: Fields): TranscribeOptions {
  const languages = fields.all("language", "languages");
  const hotwords = [...fields.all("keywords"), ...fields.all("hotwords", "hotword").flatMap(splitHotwords)];
  return {
    // several are a choice, which is the model's
    language: languages.length === 1 ? languages[0] : undefined,
    context: fields.text("prompt"),
    hotwords: hotwords.length === 0 ? undefined : hotwords,
    temperature: fields.number("temperature", { kind: "number", least: 0, most: 1 }),
    seed: fields.number("seed", decodingOptions.seed.value),
  };
}

/** Segments have times of their own with any model, words only where it can time its text. */
export function timesFor(model: Transcriber, wanted: boolean, words: boolean): "word" | "none" {
  return words || (wanted && model.info.times) ? "word" : "none";
}
