/**
 * SenseVoice-Small from features to text: ask, encode, greedy CTC; the first labels are tags, the rest is what was
 * said. FunASR's SenseVoiceSmall.inference. Times are those of the labels themselves, where the original splits its
 * text into pieces anew and aligns these (a GGUF file lacks the scores for that).
 */
import { queryCount, senseVoiceLanguages } from "../models/sensevoice/sensevoice.ts";
import type { SenseVoice, SenseVoiceLanguage } from "../models/sensevoice/sensevoice.ts";
import { tensor } from "../nn/ops.ts";
import { ctcGreedy, probability } from "../decoding/ctc.ts";
import type { CtcLabel, CtcScores } from "../decoding/ctc.ts";
import { labelSpan } from "../decoding/sensevoice-timestamps.ts";
import { findLanguage, MLT_LANGUAGES } from "../text/languages.ts";
import { SenseVoicePieces } from "../text/sensevoice-pieces.ts";
import { alignByEdit } from "../text/timestamps/edit-align.ts";
import { placeCharacters } from "../text/timestamps/place.ts";
import { settle } from "../text/timestamps/timed.ts";
import { joinPieces, readTags, richText, wordsOf } from "../text/sensevoice-text.ts";
import { corrected, planHotwords } from "./hotwords.ts";
import { logprobsOf, ignoredOptions } from "./plain.ts";
import { ctcLens } from "./ctc-lens.ts";
import { ctcScores } from "./posteriors.ts";
import { alignmentOf, checkLength, labelsWanted, readingOf } from "./ctc-results.ts";
import { checkTextAlign, withTimes } from "./times.ts";
import { withoutPrompt } from "./recognizer.ts";
import type {
  Alignment,
  AlignRequest,
  CtcResult,
  CtcRequest,
  Features,
  Recognition,
  RecognizeOptions,
  Recognizer,
  RecognizerContext,
  TimedText,
  Timings,
} from "./recognizer.ts";
import { rounded } from "./rounded.ts";
import { Stopwatch } from "./stopwatch.ts";
import { withDisposal, betweenSteps } from "./between-steps.ts";
import { vocabulary } from "./vocabulary.ts";

const knownLanguages = MLT_LANGUAGES.filter(({ code }) =>
  (senseVoiceLanguages as readonly string[]).includes(code),
);

/** What the model made of the features: its labels, those of the queries among them, and what they spell. */
interface Heard {
  readonly tagged: string;
  readonly scores: CtcScores;
  readonly labels: readonly CtcLabel[];
  readonly timings: Timings;
}

export function senseVoiceRecognizer(model: SenseVoice, context: RecognizerContext): Recognizer {
  const { vocabSize, blankId } = model.config;
  const { source } = context;
  const ctc = { head: model.head, vocabSize, stages: model.ctcStages };
  const key = "tokenizer.ggml.tokens";
  const pieces = new SenseVoicePieces(vocabulary(context, key), vocabSize, `${source}: ${key}`);
  const nospeech = pieces.idOf("<|nospeech|>");
  return {
    hasCtc: true,
    hasTimes: true,
    needsCmvn: false,
    lenses: { ctc: ctcLens(model.lens, blankId, (ids) => joinPieces(pieces.of([...ids]))) },
    labelText: (id) => (id === blankId ? "" : pieces.of([id])[0]!),

    async recognize(features: Features, options: RecognizeOptions): Promise<Recognition> {
      const plan = planHotwords(options);
      const { tagged, scores, labels, timings } = await hear(features, options);
      const { text, tags } = readTags(tagged);
      if (text !== "") options.onToken?.(text, 0);
      const recognition: Recognition = {
        text,
        tokens: labels.map(({ id }) => id),
        ...logprobsOf(
          labels.map(({ score }) => Math.log(score)),
          options,
        ),
        ...(nospeech === undefined
          ? {}
          : { noSpeechProb: rounded(probability(await scores.of([nospeech]), 0, nospeech)) }),
        tags,
        richText: richText(tagged),
        ...(await withTimes(options, {
          characters: () => timedWords(labels, scores.frames),
          units: () => placeCharacters(text, timedWords(labels, scores.frames), "ctc"),
        })),
        counts: withoutPrompt(labels.length),
        timings,
        warnings: ignoredOptions("SenseVoice reads no words", options, ["context"]),
      };
      return corrected(recognition, plan, { bySound: true });
    },

    async align(features: Features, text: string, options: AlignRequest): Promise<Alignment> {
      const { offset } = checkTextAlign(options, source);
      checkLength(features);
      const { tagged, scores, labels, timings } = await hear(features, options);
      const heard = readTags(tagged).text;
      const units = placeCharacters(heard, timedWords(labels, scores.frames), "ctc");
      const rough = alignByEdit(text, units, { offset });
      return alignmentOf({ text, units: settle(rough), heard, timings, warnings: [] });
    },

    async ctc(features: Features, options: CtcRequest): Promise<CtcResult> {
      checkLength(features);
      const { tagged, scores, labels, timings } = await hear(features, options);
      const textOf = (id: number): string => pieces.of([id]).join("").replaceAll("▁", " ");
      const { ids, logProbs, count } = scores.top;
      const said = {
        ids: ids.subarray(queryCount * count),
        logProbs: logProbs.subarray(queryCount * count),
        frames: scores.frames - queryCount,
        count,
      };
      const runs = labels
        .filter(({ start }) => start >= queryCount)
        .map((label) => ({ ...label, start: label.start - queryCount, end: label.end - queryCount }));
      return { text: readTags(tagged).text, ...readingOf(said, runs, textOf), timings };
    },
  };

  async function hear(features: Features, options: CtcRequest): Promise<Heard> {
    const count = labelsWanted(options);
    const watch = new Stopwatch<"encode" | "ctc">();
    const turn = betweenSteps(options);
    const query = { language: languageOf(options.language), itn: options.itn ?? true };
    const input = tensor(features.values, [features.rows, features.cols]); // [T, 560]
    const asked = await withDisposal(input, () => model.prependQuery(query, input)); // [4 + T, 560]
    const encoded = await withDisposal(asked, () =>
      watch.time("encode", () => model.encode(asked, turn("encode"))),
    );
    const scores = await withDisposal(encoded, () =>
      watch.time("ctc", () => ctcScores(encoded, ctc, count, turn("ctc"))),
    );
    const labels = ctcGreedy(scores.top, blankId);
    return {
      tagged: joinPieces(pieces.of(labels.map(({ id }) => id))),
      scores,
      labels,
      timings: watch.times,
    };
  }

  function timedWords(labels: readonly CtcLabel[], frames: number): TimedText[] {
    const spoken = labels.filter(({ id }) => pieces.isText(id));
    const spans = spoken.map((label) => labelSpan(label, frames, queryCount));
    return wordsOf(pieces.of(spoken.map(({ id }) => id))).map(({ text, first, last }) => ({
      text,
      start: spans[first]!.start,
      end: spans[last]!.end,
      score: rounded(Math.min(...spoken.slice(first, last + 1).map(({ score }) => score))),
    }));
  }
}

function languageOf(word: string | undefined): SenseVoiceLanguage {
  if (word === "nospeech") return word;
  return (findLanguage(word, knownLanguages)?.code ?? "auto") as SenseVoiceLanguage;
}
