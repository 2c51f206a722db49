/**
 * Paraformer from features to text: encode, predict, decode, one best token for each acoustic embed. FunASR's
 * Paraformer.inference, greedy; times from the alphas, finer ones where the checkpoint has a head for them.
 */
import { CtcUnavailableError } from "../errors.ts";
import type { Paraformer } from "../models/paraformer/paraformer.ts";
import type { Prediction } from "../models/paraformer/predictor.ts";
import { checkFinite } from "../nn/finite.ts";
import { tensor, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { fireThreshold, integrateInLoop, tokenSpans } from "../decoding/cif-timestamps.ts";
import type { CifActivity } from "../decoding/cif-timestamps.ts";
import { frameSeconds } from "../decoding/ctc.ts";
import { argmax } from "../decoding/greedy.ts";
import { logSoftmaxRows } from "../decoding/log-softmax.ts";
import { joinTokens } from "../text/paraformer-text.ts";
import type { Word } from "../text/paraformer-text.ts";
import { ParaformerTokens } from "../text/paraformer-tokens.ts";
import { alignByEdit } from "../text/timestamps/edit-align.ts";
import { placeCharacters } from "../text/timestamps/place.ts";
import { timedPieces } from "../text/timestamps/pieces.ts";
import { settle } from "../text/timestamps/timed.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import { applyCorrections } from "./corrections.ts";
import { planHotwords } from "./hotwords.ts";
import { expectKey, ignoredOptions, logprobsOf, rounded, vocabulary } from "./shared.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { alignmentOf } from "./ctc-results.ts";
import { checkTextAlign, wantsTimes, withTimes } from "./times.ts";
import { withoutPrompt } from "./result.ts";
import type { Recognizer, RecognizerContext } from "./recognizer.ts";
import type { Alignment, CtcResult, Recognition, TimedToken } from "./result.ts";
import type { AlignRequest, PiecesRequest, RecognizeOptions } from "./options.ts";
import type { Features } from "../frontend/options.ts";
import { betweenSteps, encodeRows, withDisposal } from "./between-steps.ts";

/** A token that is text, with its probability. */
interface Spoken {
  readonly id: number;
  readonly score: number;
}

/** The decoded text and its tokens; times only where they are wanted. */
interface Output {
  readonly text: string;
  readonly spoken: readonly Spoken[];
  readonly timed: readonly TimedToken[];
}

export function paraformerRecognizer(model: Paraformer, context: RecognizerContext): Recognizer {
  const { source } = context;
  expectKey(context, "tokenizer.ggml.model", ["char"]);
  const list = vocabulary(context, "tokenizer.ggml.tokens");
  const tokens = new ParaformerTokens(list, model.config.vocabSize, `${source}: tokenizer.ggml.tokens`);
  return {
    hasCtc: false,
    hasTimes: true,
    needsCmvn: true,
    lenses: {},
    labelText: (id) => (tokens.isText(id) ? tokens.token(id) : ""),

    async recognize(features: Features, options: RecognizeOptions, watch: Stopwatch): Promise<Recognition> {
      const plan = planHotwords(options);
      const { text, spoken, timed } = await forward(features, options, watch, wantsTimes(options));
      if (text !== "") options.onToken?.(text, 0);
      const recognition: Recognition = {
        text,
        tokens: spoken.map(({ id }) => id),
        ...logprobsOf(
          spoken.map(({ score }) => Math.log(score)),
          options,
        ),
        ...(await withTimes(options, {
          tokens: () => timed,
          characters: () => placeCharacters(text, timed, "cif"),
        })),
        counts: withoutPrompt(spoken.length),
        timings: watch.times,
        warnings: ignoredOptions("Paraformer has no prompt", options, ["language", "context"]),
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
      const { text: recognized, timed } = await forward(features, options, watch, true);
      const rough = alignByEdit(text, placeCharacters(recognized, timed, "cif"), { offset, source: "cif" });
      return alignmentOf({ text, units: settle(rough), recognized, timings: watch.times, warnings: [] });
    },

    async pieces(
      features: Features,
      options: PiecesRequest,
      watch: Stopwatch,
    ): Promise<readonly TimedText[]> {
      const { text, timed } = await forward(features, options, watch, true);
      return timedPieces(text, timed, frameSeconds(features.rows));
    },

    async ctc(): Promise<CtcResult> {
      throw new CtcUnavailableError(source, "the CTC draft", { remedy: "Paraformer has none" });
    },
  };

  async function forward(
    features: Features,
    options: Pick<RecognizeOptions, "signal" | "onProgress">,
    watch: Stopwatch,
    withTimes: boolean,
  ): Promise<Output> {
    const turn = betweenSteps(options);
    const input = tensor(features.values, [features.rows, features.cols]); // [T, 560]
    const encoded = await watch.time("encode", () => encodeRows(model.encode, input, turn("encode")));
    return withDisposal(encoded, async () => {
      const prediction = await watch.time("predict", () => model.predict(encoded));
      const spoken = await watch.time("decode", () => decode(prediction, encoded, options));
      const { text, words } = joinTokens(spoken.map(({ id }) => tokens.token(id)));
      const wanted = withTimes || model.upsampledAlphas?.watched === true;
      const timed = wanted ? timedWords(words, spoken, await activityOf(prediction, encoded)) : [];
      return { text, spoken, timed };
    });
  }

  /** The best token of each embed, without the control tokens. */
  async function decode(
    { embeds }: Prediction,
    encoded: Tensor,
    options: Pick<RecognizeOptions, "signal" | "onProgress">,
  ): Promise<Spoken[]> {
    if (embeds === undefined) return [];
    const logits = await withDisposal(embeds, () =>
      model.decode(embeds, encoded, betweenSteps(options)("decode")),
    ); // [N, V]
    const read = (await withDisposal(logits, () => values(logits))).slice();
    const { vocabSize } = model.config;
    const best: Spoken[] = [];
    for (let start = 0; start < read.length; start += vocabSize) {
      const row = logSoftmaxRows(read.subarray(start, start + vocabSize), vocabSize);
      const id = argmax(row);
      best.push({ id, score: Math.exp(row[id]!) });
    }
    await model.ids.emitValues(Float32Array.from(best, ({ id }) => id));
    return best.filter(({ id }) => tokens.isText(id));
  }

  /** The rows that times are read from: the time head's finer ones, or the alphas themselves. */
  async function activityOf(prediction: Prediction, encoded: Tensor): Promise<CifActivity> {
    const { alphas, peaks, tokenNumber } = prediction;
    const { timeHead } = model.config;
    if (model.upsampledAlphas === undefined || timeHead === undefined || tokenNumber === 0) {
      checkFinite("predictor.peaks", peaks); // a hook may have replaced them
      return { alphas, peaks, upsampleTimes: 1 };
    }
    const fine = await model.upsampledAlphas(encoded, tokenNumber);
    checkFinite("predictor.upsampled_alphas", fine);
    return {
      alphas: fine,
      peaks: integrateInLoop(fine, fireThreshold),
      upsampleTimes: timeHead.upsampleTimes,
    };
  }
}

/** Each word from the start of its first token to the end of its last. */
function timedWords(words: readonly Word[], spoken: readonly Spoken[], activity: CifActivity): TimedToken[] {
  const spans = tokenSpans(activity, spoken.length);
  return words.flatMap(({ text, first, last }) => {
    const [start, end] = [spans[first]?.start, spans[last]?.end];
    if (start === undefined || end === undefined) return [];
    const score = Math.min(...spoken.slice(first, last + 1).map((token) => token.score));
    return [{ text, start: Math.max(start, 0), end, score: rounded(score) }];
  });
}
