/**
 * SenseVoice-Small from features to text: ask, encode, greedy CTC; the first labels are tags, the rest is what was
 * said. FunASR's SenseVoiceSmall.inference. Times are those of the labels themselves, where the original splits its
 * text into pieces anew and aligns these (a GGUF file lacks the scores for that).
 */
import { queryCount, senseVoiceLanguages } from "../models/sensevoice/sensevoice.ts";
import type { SenseVoice, SenseVoiceLanguage } from "../models/sensevoice/sensevoice.ts";
import { tensor } from "../nn/ops.ts";
import { ctcGreedy } from "../search/ctc.ts";
import type { CtcLabel } from "../search/ctc.ts";
import { labelSpan } from "../search/sensevoice-timestamps.ts";
import { findLanguage, MLT_LANGUAGES } from "../text/languages.ts";
import { SenseVoicePieces } from "../text/sensevoice-pieces.ts";
import { placeCharacters } from "../text/timestamps/place.ts";
import { joinPieces, readTags, richText, wordsOf } from "../text/sensevoice-text.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { posteriorsOf } from "./posteriors.ts";
import { withTimes } from "./times.ts";
import { withoutPrompt } from "./recognizer.ts";
import type {
  Features,
  Recognition,
  RecognizeOptions,
  Recognizer,
  RecognizerContext,
  TimedText,
} from "./recognizer.ts";
import { Stopwatch } from "./stopwatch.ts";
import { freeing, turnsFor } from "./turns.ts";
import { vocabulary } from "./vocabulary.ts";

const knownLanguages = MLT_LANGUAGES.filter(({ code }) =>
  (senseVoiceLanguages as readonly string[]).includes(code),
);

export function senseVoiceRecognizer(model: SenseVoice, context: RecognizerContext): Recognizer {
  const { vocabSize, blankId } = model.config;
  const key = "tokenizer.ggml.tokens";
  const pieces = new SenseVoicePieces(vocabulary(context, key), vocabSize, `${context.source}: ${key}`);
  return {
    hasCtc: true,
    needsCmvn: false,

    async recognize(features: Features, options: RecognizeOptions): Promise<Recognition> {
      const watch = new Stopwatch<"encode" | "ctc">();
      const turn = turnsFor(options);
      const query = { language: languageOf(options.language), itn: options.itn ?? true };
      const input = tensor(features.values, [features.rows, features.cols]); // [T, 560]
      const asked = await freeing(input, () => model.ask(query, input)); // [4 + T, 560]
      const encoded = await freeing(asked, () =>
        watch.time("encode", () => model.encode(asked, turn("encode"))),
      );
      const posteriors = await freeing(encoded, () =>
        watch.time("ctc", () => posteriorsOf(encoded, model.head, vocabSize, turn("ctc"))),
      );
      const labels = ctcGreedy(posteriors, blankId);
      const ids = labels.map(({ id }) => id);
      const tagged = joinPieces(pieces.of(ids));
      const { text, tags } = readTags(tagged);
      if (text !== "") options.onToken?.(text);
      return {
        text,
        tokens: ids,
        tags,
        richText: richText(tagged),
        ...withTimes(options, {
          characters: () => timedWords(labels, posteriors.frames),
          units: () => placeCharacters(text, timedWords(labels, posteriors.frames), "ctc"),
        }),
        counts: withoutPrompt(ids.length),
        timings: watch.times,
        warnings: warningsFor(options),
      };
    },
  };

  function timedWords(labels: readonly CtcLabel[], frames: number): TimedText[] {
    const spoken = labels.filter(({ id }) => pieces.isText(id));
    const spans = spoken.map((label) => labelSpan(label, frames, queryCount));
    return wordsOf(pieces.of(spoken.map(({ id }) => id))).map(({ text, first, last }) => ({
      text,
      start: spans[first]!.start,
      end: spans[last]!.end,
      score: Math.round(Math.min(...spoken.slice(first, last + 1).map(({ score }) => score)) * 1000) / 1000,
    }));
  }
}

function languageOf(word: string | undefined): SenseVoiceLanguage {
  if (word === "nospeech") return word;
  return (findLanguage(word, knownLanguages)?.code ?? "auto") as SenseVoiceLanguage;
}

/** SenseVoice takes a language and a style, and no words. */
function warningsFor({ context, hotwords = [] }: RecognizeOptions): Warning[] {
  const given = [
    ...(context === undefined || context === "" ? [] : ["context"]),
    ...(hotwords.length === 0 ? [] : ["hotwords"]),
  ];
  return given.length === 0
    ? []
    : [warning("option_ignored", `SenseVoice reads no words: ${given.join(", ")} had no effect`)];
}
