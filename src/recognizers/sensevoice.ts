/**
 * SenseVoice-Small from features to text: prepend the queries, encode, greedy CTC; the first labels are tags, the rest is
 * the text. FunASR's SenseVoiceSmall.inference. Times are those of the labels themselves, where the original splits its
 * text into pieces again and aligns these (a GGUF file lacks the scores for that).
 */
import { queryCount, senseVoiceLanguages } from "../models/sensevoice/sensevoice.ts";
import type { SenseVoice, SenseVoiceLanguage } from "../models/sensevoice/sensevoice.ts";
import { tensor } from "../nn/ops.ts";
import { ctcGreedy, frameSeconds, probability } from "../decoding/ctc.ts";
import type { CtcLabel, CtcScores } from "../decoding/ctc.ts";
import { labelSpan } from "../decoding/sensevoice-timestamps.ts";
import { findLanguage, MLT_LANGUAGES } from "../text/languages.ts";
import { SenseVoicePieces } from "../text/sensevoice-pieces.ts";
import { alignByEdit } from "../text/timestamps/edit-align.ts";
import { placeCharacters } from "../text/timestamps/place.ts";
import { timedPieces } from "../text/timestamps/pieces.ts";
import { settle } from "../text/timestamps/timed.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import { joinPieces, readTags, richText, wordsOf } from "../text/sensevoice-text.ts";
import { applyCorrections } from "./corrections.ts";
import { planHotwords } from "./hotwords.ts";
import { ctcLens, expectKey, ignoredOptions, logprobsOf, rounded, vocabulary } from "./shared.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { ctcScores } from "./posteriors.ts";
import { alignmentOf, checkLength, labelsWanted, readingOf } from "./ctc-results.ts";
import { checkTextAlign, withTimes } from "./times.ts";
import { withoutPrompt } from "./result.ts";
import type { Recognizer, RecognizerContext } from "./recognizer.ts";
import type { Alignment, CtcResult, Recognition, TimedToken } from "./result.ts";
import type { AlignRequest, CtcRequest, PiecesRequest, RecognizeOptions } from "./options.ts";
import type { Features } from "../frontend/options.ts";
import { betweenSteps, encodeRows, withDisposal } from "./between-steps.ts";

const knownLanguages = MLT_LANGUAGES.filter(({ code }) =>
  (senseVoiceLanguages as readonly string[]).includes(code),
);

/** The labels of the forward pass, with those of the queries, and the text that they spell. */
interface Output {
  readonly tagged: string;
  readonly scores: CtcScores;
  readonly labels: readonly CtcLabel[];
}

export function senseVoiceRecognizer(model: SenseVoice, context: RecognizerContext): Recognizer {
  const { vocabSize, blankId } = model.config;
  const { source } = context;
  const ctc = { head: model.head, vocabSize, stages: model.ctcStages };
  expectKey(context, "tokenizer.ggml.model", ["sentencepiece"]);
  const key = "tokenizer.ggml.tokens";
  const pieces = new SenseVoicePieces(vocabulary(context, key), vocabSize, `${source}: ${key}`);
  const nospeech = pieces.idOf("<|nospeech|>");
  return {
    hasCtc: true,
    hasTimes: true,
    needsCmvn: false,
    lenses: { ctc: ctcLens(model.lens, blankId, (ids) => joinPieces(pieces.of([...ids]))) },
    labelText: (id) => (id === blankId ? "" : pieces.of([id])[0]!),

    async recognize(features: Features, options: RecognizeOptions, watch: Stopwatch): Promise<Recognition> {
      const plan = planHotwords(options);
      const { tagged, scores, labels } = await forward(features, options, watch);
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
          tokens: () => timedWords(labels, scores.frames),
          characters: () => placeCharacters(text, timedWords(labels, scores.frames), "ctc"),
        })),
        counts: withoutPrompt(labels.length),
        timings: watch.times,
        warnings: ignoredOptions("SenseVoice has no prompt", options, ["context"]),
      };
      return applyCorrections(recognition, plan, { bySound: true });
    },

    async align(
      features: Features,
      text: string,
      options: AlignRequest,
      watch: Stopwatch,
    ): Promise<Alignment> {
      const { offset } = checkTextAlign(options, source);
      checkLength(features);
      const { tagged, scores, labels } = await forward(features, options, watch);
      const recognized = readTags(tagged).text;
      const units = placeCharacters(recognized, timedWords(labels, scores.frames), "ctc");
      const rough = alignByEdit(text, units, { offset });
      return alignmentOf({ text, units: settle(rough), recognized, timings: watch.times, warnings: [] });
    },

    async pieces(
      features: Features,
      options: PiecesRequest,
      watch: Stopwatch,
    ): Promise<readonly TimedText[]> {
      const { tagged, scores, labels } = await forward(features, options, watch);
      return timedPieces(
        readTags(tagged).text,
        timedWords(labels, scores.frames),
        frameSeconds(features.rows),
      );
    },

    async ctc(features: Features, options: CtcRequest, watch: Stopwatch): Promise<CtcResult> {
      checkLength(features);
      const { tagged, scores, labels } = await forward(features, options, watch);
      const textOf = (id: number): string => pieces.of([id]).join("").replaceAll("▁", " ");
      const { ids, logProbs, count } = scores.top;
      const spoken = {
        ids: ids.subarray(queryCount * count),
        logProbs: logProbs.subarray(queryCount * count),
        frames: scores.frames - queryCount,
        count,
      };
      const runs = labels
        .filter(({ start }) => start >= queryCount)
        .map((label) => ({ ...label, start: label.start - queryCount, end: label.end - queryCount }));
      return { text: readTags(tagged).text, ...readingOf(spoken, runs, textOf), timings: watch.times };
    },
  };

  async function forward(features: Features, options: CtcRequest, watch: Stopwatch): Promise<Output> {
    const count = labelsWanted(options);
    const turn = betweenSteps(options);
    const query = { language: languageOf(options.language), itn: options.itn ?? true };
    const input = tensor(features.values, [features.rows, features.cols]); // [T, 560]
    const asked = await withDisposal(input, () => model.prependQuery(query, input)); // [4 + T, 560]
    const encoded = await watch.time("encode", () => encodeRows(model.encode, asked, turn("encode")));
    const scores = await withDisposal(encoded, () =>
      watch.time("ctc", () => ctcScores(encoded, ctc, count, turn("ctc"))),
    );
    const labels = ctcGreedy(scores.top, blankId);
    return {
      tagged: joinPieces(pieces.of(labels.map(({ id }) => id))),
      scores,
      labels,
    };
  }

  function timedWords(labels: readonly CtcLabel[], frames: number): TimedToken[] {
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
