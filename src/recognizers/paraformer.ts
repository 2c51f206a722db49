/**
 * Paraformer from features to text: encode, predict, decode, one best token for each acoustic embed, those of hotwords where
 * the checkpoint has SeACo's bias. FunASR's Paraformer.inference, greedy; times from the alphas, finer ones where the
 * checkpoint has a head for them.
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
import { applyCorrections, foundIn } from "./corrections.ts";
import { planHotwords } from "./hotwords.ts";
import type { HotwordPlan } from "./hotwords.ts";
import { ParaformerHotwords } from "./paraformer-hotwords.ts";
import type { Biased } from "./paraformer-hotwords.ts";
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

/** A token with its probability. */
interface Spoken {
  readonly id: number;
  readonly score: number;
}

/** The tokens that are text, and what hotwords did, where there are any. */
interface Decoding {
  readonly spoken: readonly Spoken[];
  readonly biased?: Omit<Biased, "logits">;
}

/** The decoded text and its tokens; times only where they are wanted. */
interface Output extends Decoding {
  readonly text: string;
  readonly timed: readonly TimedToken[];
}

type StepOptions = Pick<RecognizeOptions, "signal" | "onProgress" | "hook">;

/** What the steps of a pass share. */
interface Pass {
  readonly options: StepOptions;
  readonly watch: Stopwatch;
  readonly plan: HotwordPlan | undefined;
}

export function paraformerRecognizer(model: Paraformer, context: RecognizerContext): Recognizer {
  const { source } = context;
  expectKey(context, "tokenizer.ggml.model", ["char"]);
  const list = vocabulary(context, "tokenizer.ggml.tokens");
  const tokens = new ParaformerTokens(list, model.config.vocabSize, `${source}: tokenizer.ggml.tokens`);
  const hotwords = model.bias === undefined ? undefined : new ParaformerHotwords(model.bias, tokens, context);
  return {
    hasCtc: false,
    hasTimes: true,
    needsCmvn: true,
    lenses: {},
    labelText: (id) => (tokens.isText(id) ? tokens.token(id) : ""),

    async recognize(features: Features, options: RecognizeOptions, watch: Stopwatch): Promise<Recognition> {
      const chooses = hotwords !== undefined;
      const plan = planHotwords(options, { chooses });
      const wanted = { withTimes: wantsTimes(options), plan };
      const { text, spoken, timed, biased } = await forward(features, options, watch, wanted);
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
        ...(options.hotwords === undefined || !chooses
          ? {}
          : { hotwords: foundIn(text, biased?.offers ?? []) }),
        counts: withoutPrompt(spoken.length),
        timings: watch.times,
        warnings: [
          ...ignoredOptions("Paraformer has no prompt", options, ["language", "context"]),
          ...(biased?.warnings ?? []),
        ],
      };
      return applyCorrections(recognition, plan, { bySound: !chooses });
    },

    async align(
      features: Features,
      text: string,
      options: AlignRequest,
      watch: Stopwatch,
    ): Promise<Alignment> {
      const { offset } = checkTextAlign(options, source);
      const { text: recognized, timed } = await forward(features, options, watch, { withTimes: true });
      const rough = alignByEdit(text, placeCharacters(recognized, timed, "cif"), { offset, source: "cif" });
      return alignmentOf({ text, units: settle(rough), recognized, timings: watch.times, warnings: [] });
    },

    async pieces(
      features: Features,
      options: PiecesRequest,
      watch: Stopwatch,
    ): Promise<readonly TimedText[]> {
      const { text, timed } = await forward(features, options, watch, { withTimes: true });
      return timedPieces(text, timed, frameSeconds(features.rows));
    },

    async ctc(): Promise<CtcResult> {
      throw new CtcUnavailableError(source, "the CTC draft", { remedy: "Paraformer has none" });
    },
  };

  async function forward(
    features: Features,
    options: StepOptions,
    watch: Stopwatch,
    { withTimes, plan }: { readonly withTimes: boolean; readonly plan?: HotwordPlan },
  ): Promise<Output> {
    const turn = betweenSteps(options);
    const input = tensor(features.values, [features.rows, features.cols]); // [T, 560]
    const encoded = await watch.time("encode", () => encodeRows(model.encode, input, turn("encode")));
    return withDisposal(encoded, async () => {
      const prediction = await watch.time("predict", () => model.predict(encoded));
      const { spoken, biased } = await decode(prediction, encoded, { options, watch, plan });
      const { text, words } = written(spoken);
      const wanted = withTimes || model.upsampledAlphas?.watched === true;
      const timed = wanted ? timedWords(words, spoken, await activityOf(prediction, encoded)) : [];
      return { text, spoken, timed, ...(biased === undefined ? {} : { biased }) };
    });
  }

  function written(spoken: readonly Spoken[]): ReturnType<typeof joinTokens> {
    return joinTokens(spoken.map(({ id }) => tokens.token(id)));
  }

  /** The best token of each embed, without the control tokens. */
  async function decode({ embeds }: Prediction, encoded: Tensor, pass: Pass): Promise<Decoding> {
    if (embeds === undefined) return { spoken: [] };
    const { options, watch } = pass;
    const turn = betweenSteps(options)("decode");
    return withDisposal(embeds, async () => {
      const { hidden, logits } = await watch.time("decode", () => model.decode(embeds, encoded, turn));
      return withDisposal(hidden, async () => {
        const read = async (): Promise<Spoken[]> => bestOf((await values(logits)).slice());
        const own = await withDisposal(logits, () => watch.time("decode", read));
        const biased = await bias({ embeds, hidden }, own, pass);
        const best = biased?.best ?? own;
        await model.ids.emitValues(Float32Array.from(best, ({ id }) => id));
        const spoken = best.filter(({ id }) => tokens.isText(id));
        return biased === undefined ? { spoken } : { spoken, biased };
      });
    });
  }

  /** With the tokens of hotwords in the rows where they are spoken; undefined without hotwords. */
  async function bias(
    rows: { readonly embeds: Tensor; readonly hidden: Tensor },
    own: readonly Spoken[],
    { options, watch, plan }: Pass,
  ): Promise<(Omit<Biased, "logits"> & { readonly best: readonly Spoken[] }) | undefined> {
    if (hotwords === undefined || plan?.searched === undefined) return undefined;
    const draft = written(own.filter(({ id }) => tokens.isText(id))).text;
    const { logits, ...biased } = await watch.time("hotwords", () =>
      hotwords.bias(rows, plan, draft, options),
    );
    if (logits === undefined) return { ...biased, best: own };
    const best = bestOf(logits).map((token, i) => (token.id === hotwords.noBiasId ? own[i]! : token));
    return { ...biased, best };
  }

  /** The best token of each row of logits [N, V], in place. */
  function bestOf(logits: Float32Array): Spoken[] {
    const { vocabSize } = model.config;
    const best: Spoken[] = [];
    for (let start = 0; start < logits.length; start += vocabSize) {
      const row = logSoftmaxRows(logits.subarray(start, start + vocabSize), vocabSize);
      const id = argmax(row);
      best.push({ id, score: Math.exp(row[id]!) });
    }
    return best;
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
