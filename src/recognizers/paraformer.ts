/**
 * Paraformer from features to text: encode, predict, decode, one best token for each acoustic embed. FunASR's
 * Paraformer.inference, greedy; times from the alphas, finer ones where the checkpoint has a head for them.
 */
import type { Paraformer } from "../models/paraformer/paraformer.ts";
import type { Prediction } from "../models/paraformer/predictor.ts";
import { tensor, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { fireThreshold, integrateInLoop, tokenSpans } from "../search/cif-timestamps.ts";
import type { CifActivity } from "../search/cif-timestamps.ts";
import { argmax } from "../search/greedy.ts";
import { logSoftmaxRows } from "../search/log-softmax.ts";
import { joinTokens } from "../text/paraformer-text.ts";
import type { Word } from "../text/paraformer-text.ts";
import { ParaformerTokens } from "../text/paraformer-tokens.ts";
import { placeCharacters } from "../text/timestamps/place.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { wantsTimes, withTimes } from "./times.ts";
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

/** A token that is text, with its probability. */
interface Spoken {
  readonly id: number;
  readonly score: number;
}

export function paraformerRecognizer(model: Paraformer, context: RecognizerContext): Recognizer {
  const { source } = context;
  const list = vocabulary(context, "tokenizer.ggml.tokens");
  const tokens = new ParaformerTokens(list, model.config.vocabSize, `${source}: tokenizer.ggml.tokens`);
  return {
    hasCtc: false,
    needsCmvn: true,

    async recognize(features: Features, options: RecognizeOptions): Promise<Recognition> {
      const watch = new Stopwatch<"encode" | "predict" | "decode">();
      const turn = turnsFor(options);
      const input = tensor(features.values, [features.rows, features.cols]); // [T, 560]
      const encoded = await freeing(input, () =>
        watch.time("encode", () => model.encode(input, turn("encode"))),
      );
      return freeing(encoded, async () => {
        const prediction = await watch.time("predict", () => model.predict(encoded));
        const spoken = await watch.time("decode", () => decode(prediction, encoded, options));
        const { text, words } = joinTokens(spoken.map(({ id }) => tokens.token(id)));
        if (text !== "") options.onToken?.(text);
        const timed = wantsTimes(options)
          ? timedWords(words, spoken, await activityOf(prediction, encoded))
          : [];
        return {
          text,
          tokens: spoken.map(({ id }) => id),
          ...withTimes(options, {
            characters: () => timed,
            units: () => placeCharacters(text, timed, "cif"),
          }),
          counts: withoutPrompt(spoken.length),
          timings: watch.times,
          warnings: warningsFor(options),
        };
      });
    },
  };

  /** The best token of each embed, without the silent ones. */
  async function decode(
    { embeds }: Prediction,
    encoded: Tensor,
    options: RecognizeOptions,
  ): Promise<Spoken[]> {
    if (embeds === undefined) return [];
    const logits = await freeing(embeds, () => model.decode(embeds, encoded, turnsFor(options)("decode"))); // [N, V]
    const read = (await freeing(logits, () => values(logits))).slice();
    const { vocabSize } = model.config;
    const spoken: Spoken[] = [];
    for (let start = 0; start < read.length; start += vocabSize) {
      const row = logSoftmaxRows(read.subarray(start, start + vocabSize), vocabSize);
      const id = argmax(row);
      if (tokens.isText(id)) spoken.push({ id, score: Math.exp(row[id]!) });
    }
    return spoken;
  }

  /** What times are read from: the time head's finer rows, or the alphas themselves. */
  async function activityOf(prediction: Prediction, encoded: Tensor): Promise<CifActivity> {
    const { alphas, peaks, tokenNumber } = prediction;
    const { timeHead } = model.config;
    if (model.upsampledAlphas === undefined || timeHead === undefined || tokenNumber === 0) {
      return { alphas, peaks, upsampleTimes: 1 };
    }
    const fine = await model.upsampledAlphas(encoded, tokenNumber);
    return {
      alphas: fine,
      peaks: integrateInLoop(fine, fireThreshold),
      upsampleTimes: timeHead.upsampleTimes,
    };
  }
}

/** Each word from the start of its first token to the end of its last. */
function timedWords(words: readonly Word[], spoken: readonly Spoken[], activity: CifActivity): TimedText[] {
  const spans = tokenSpans(activity, spoken.length);
  return words.flatMap(({ text, first, last }) => {
    const [start, end] = [spans[first]?.start, spans[last]?.end];
    if (start === undefined || end === undefined) return [];
    const score = Math.min(...spoken.slice(first, last + 1).map((token) => token.score));
    return [{ text, start: Math.max(start, 0), end, score: Math.round(score * 1000) / 1000 }];
  });
}

/** Paraformer cannot be told anything: say so instead of dropping it silently. */
function warningsFor({ language, context, hotwords = [] }: RecognizeOptions): Warning[] {
  const given = [
    ...(language === undefined || language === "auto" ? [] : ["language"]),
    ...(context === undefined || context === "" ? [] : ["context"]),
    ...(hotwords.length === 0 ? [] : ["hotwords"]),
  ];
  return given.length === 0
    ? []
    : [warning("option_ignored", `Paraformer has no prompt: ${given.join(", ")} had no effect`)];
}
