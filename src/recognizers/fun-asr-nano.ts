/**
 * Fun-ASR-Nano from features to text: encode, (draft by CTC, search for hotwords,) generate by the language model, find
 * the times. FunASR's FunASRNano.inference_llm; what that does not have (hotword search, retries) is off by default.
 */
import { CtcUnavailableError } from "../errors.ts";
import type { FunAsrNano } from "../models/fun-asr-nano/fun-asr-nano.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import { tensor } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { agreement } from "../text/agreement.ts";
import { CtcTokens } from "../text/ctc-tokens.ts";
import type { QwenTokenizer } from "../text/qwen-tokenizer.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import type { Warning } from "../warnings.ts";
import { planFallbacks } from "../decoding/generate.ts";
import { applyCorrections, foundIn } from "./corrections.ts";
import { labelsOf, offerHotwords, planHotwords } from "./hotwords.ts";
import type { HotwordPlan } from "./hotwords.ts";
import { CtcReader } from "./nano-ctc-branch.ts";
import { generateText } from "./nano-generate.ts";
import { textBytes } from "./nano-pass.ts";
import { generatorOf } from "./nano-generator.ts";
import type { Generator } from "./nano-generator.ts";
import { readDraft, spokenPieces } from "./nano-draft.ts";
import type { DecodedText } from "./nano-draft.ts";
import { characterTimes, draftParts, labelTimes, withProbabilities } from "./nano-times.ts";
import { alignmentOf, checkLength, labelsWanted, readingOf } from "./ctc-results.ts";
import { checkAlign, wantsTimes, withTimes } from "./times.ts";
import { emptyRecognition } from "./result.ts";
import type { TextLens, Recognizer, RecognizerContext } from "./recognizer.ts";
import type { Alignment, CtcResult, Recognition } from "./result.ts";
import type { AlignRequest, CtcRequest, PiecesRequest, ProgressStage, RecognizeOptions } from "./options.ts";
import type { Features } from "../frontend/options.ts";
import { disagreement, rounded, vocabulary } from "./shared.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { betweenSteps, encodeRows, withDisposal } from "./between-steps.ts";
import type { Arrival, StepGroup } from "./step-pool.ts";
import { qwenTokenizer } from "./nano-vocabulary.ts";

export function funAsrNanoRecognizer(model: FunAsrNano, context: RecognizerContext): Recognizer {
  return new FunAsrNanoRecognizer(model, context);
}

class FunAsrNanoRecognizer implements Recognizer {
  readonly hasCtc: boolean;
  readonly hasTimes: boolean;
  readonly needsCmvn = false;
  readonly #model: FunAsrNano;
  readonly #source: string;
  readonly #tokenizer: QwenTokenizer;
  readonly #ctc: CtcReader | undefined;
  readonly #generator: Generator;

  constructor(model: FunAsrNano, context: RecognizerContext) {
    const { source } = context;
    this.hasCtc = model.ctc !== undefined;
    this.hasTimes = this.hasCtc;
    this.#model = model;
    this.#source = source;
    this.#tokenizer = qwenTokenizer(context, model.llm.config.vocabSize);
    this.#generator = generatorOf(model, context, this.#tokenizer);
    if (model.ctc !== undefined) {
      const { vocabSize, blankId } = model.ctc.config;
      const table = vocabulary(context, "fun-asr-nano.ctc.tokens");
      const tokens = new CtcTokens({ table, vocabSize, blankId }, `${source}: fun-asr-nano.ctc.tokens`);
      this.#ctc = new CtcReader(model.ctc, tokens);
    }
  }

  get lenses(): Recognizer["lenses"] {
    const llm: TextLens = {
      ...this.#model.llm.lens,
      rows: "tokens",
      text: (ids) => this.#tokenizer.decode(ids),
      label: (id) => this.#tokenizer.decode([id], { skipSpecial: false }),
    };
    return this.#ctc === undefined ? { llm } : { llm, ctc: this.#ctc.lens };
  }

  labelText(id: number): string {
    return this.#ctc?.lens.label(id) ?? "";
  }

  tokenBytes(id: number): Uint8Array {
    return this.#tokenizer.bytes(id);
  }

  async recognize(
    features: Features,
    options: RecognizeOptions,
    watch: Stopwatch,
    group?: StepGroup,
  ): Promise<Recognition> {
    const arrival = group && this.#generator.pool.expect(group);
    try {
      return await this.#recognize(features, options, watch, arrival);
    } finally {
      arrival?.end();
    }
  }

  async #recognize(
    features: Features,
    options: RecognizeOptions,
    watch: Stopwatch,
    arrival: Arrival | undefined,
  ): Promise<Recognition> {
    const plan = planHotwords(options);
    const ctc = this.#readerFor(options, plan);
    planFallbacks(options);
    checkAlign(options.align ?? {});
    const turn = betweenSteps(options);
    return this.#encoded(features, watch, turn, async (encoded) => {
      const draft = await watch.time("ctc", () => ctc?.read(encoded, labelsOf(plan), turn("ctc")));
      if (options.silenceGate === "ctc" && draft?.text.trim() === "")
        return { ...emptyRecognition, timings: watch.times };
      const offers = await watch.time("hotwords", () => offerHotwords(plan, draft, ctc?.tokens));
      const alone = options.decoder === "ctc";
      if (draft !== undefined && !alone) options.onDraft?.(draft.text);
      const written: DecodedText = alone
        ? readDraft(draft!, ctc!, plan, options)
        : await generateText(
            this.#generator,
            encoded,
            { ...options, hotwords: offers.map(({ word }) => word) },
            {
              options,
              turn,
              watch,
              arrival,
              draft: draft && draftParts(draft, ctc!.tokens),
              alone: (row, work) =>
                this.#encoded(rowsFrom(features, row), watch, turn, async (rest) => {
                  const { labels } = await watch.time("ctc", () => ctc!.read(rest, 1, turn("ctc")));
                  return work(rest, draftParts({ labels }, ctc!.tokens));
                }),
            },
          );

      const { text, tokens, logprobs } = written;
      const similarity = alone || draft === undefined ? undefined : agreement(text, draft.text);
      const warnings: Warning[] = [...written.warnings, ...disagreement(draft?.text, similarity)];
      const times = await watch.time("align", () =>
        withTimes(options, {
          tokens: () => labelTimes(draft!, ctc!.tokens, text),
          characters: async () => {
            const placed = await characterTimes(draft!, ctc!.tokens, text.trim(), options.align);
            warnings.push(...placed.warnings);
            return logprobs === undefined
              ? placed.units
              : withProbabilities(placed.units, this.#tokenizer, tokens, logprobs);
          },
        }),
      );
      const recognition: Recognition = {
        ...written,
        ...(draft === undefined ? {} : { ctcText: draft.text }),
        ...(options.hotwords === undefined || alone ? {} : { hotwords: foundIn(text, offers) }),
        ...(similarity === undefined ? {} : { agreement: rounded(similarity) }),
        ...times,
        timings: watch.times,
        warnings,
      };
      return applyCorrections(recognition, plan, { bySound: alone });
    });
  }

  align(features: Features, text: string, options: AlignRequest, watch: Stopwatch): Promise<Alignment> {
    const ctc = this.#ctcFor("alignment");
    checkLength(features);
    checkAlign(options);
    const turn = betweenSteps(options);
    return this.#encoded(features, watch, turn, async (encoded) => {
      const draft = await watch.time("ctc", () => ctc.read(encoded, 1, turn("ctc")));
      const { units, warnings } = await watch.time("align", () =>
        characterTimes(draft, ctc.tokens, text, options),
      );
      return alignmentOf({ text, units, recognized: draft.text, timings: watch.times, warnings });
    });
  }

  ctc(features: Features, options: CtcRequest, watch: Stopwatch): Promise<CtcResult> {
    const ctc = this.#ctcFor("the CTC draft");
    checkLength(features);
    const count = labelsWanted(options);
    const turn = betweenSteps(options);
    return this.#encoded(features, watch, turn, async (encoded) => {
      const { text, labels, scores } = await watch.time("ctc", () => ctc.read(encoded, count, turn("ctc")));
      const textOf = (id: number): string => ctc.tokens.decode([id]);
      return { text, ...readingOf(scores.top, labels, textOf), timings: watch.times };
    });
  }

  pieces(features: Features, options: PiecesRequest, watch: Stopwatch): Promise<readonly TimedText[]> {
    const ctc = this.#ctcFor("the text of an utterance that grows");
    const turn = betweenSteps(options);
    return this.#encoded(features, watch, turn, async (encoded) => {
      const draft = await watch.time("ctc", () => ctc.read(encoded, 1, turn("ctc")));
      return spokenPieces(draft, ctc.tokens);
    });
  }

  async sharedBytes(seconds: number, options: RecognizeOptions): Promise<number | undefined> {
    const { engine, backend } = this.#generator;
    if (options.decoder === "ctc" || !(await engine.hasEqualRows(backend))) return undefined;
    return textBytes(this.#generator, seconds, options);
  }

  dispose(): void {
    this.#generator.dispose();
  }

  /** Runs the encoder, then `work` on its rows. */
  async #encoded<Result>(
    features: Features,
    watch: Stopwatch,
    turn: (stage: ProgressStage) => BetweenSteps,
    work: (encoded: Tensor) => Promise<Result>, // [T, D]
  ): Promise<Result> {
    const input = tensor(features.values, [features.rows, features.cols]); // [T, 560]
    const encoded = await watch.time("encode", () => encodeRows(this.#model.encode, input, turn("encode")));
    return withDisposal(encoded, () => work(encoded));
  }

  /** The CTC branch, where there is one; with `ctc` off, where something needs it. */
  #readerFor(options: RecognizeOptions, plan: HotwordPlan): CtcReader | undefined {
    if (options.decoder === "ctc") return this.#ctcFor("the decoder ctc");
    if (wantsTimes(options)) return this.#ctcFor("timestamps");
    if (options.silenceGate === "ctc") return this.#ctcFor("the silence gate ctc");
    if (plan.list === undefined && plan.searched !== undefined)
      return this.#ctcFor("the search for hotwords");
    return options.ctc !== "off" || this.#ctc?.watched === true ? this.#ctc : undefined;
  }

  #ctcFor(feature: string): CtcReader {
    if (this.#ctc === undefined) throw new CtcUnavailableError(this.#source, feature);
    return this.#ctc;
  }
}

/** The rows of the features from `row` on. */
function rowsFrom({ values, rows, cols }: Features, row: number): Features {
  return { values: values.subarray(row * cols), rows: rows - row, cols };
}
