/**
 * From one window of audio to its result: features, then the recognizer, as one job on the model's backend. A window is
 * 16 kHz samples, or features that were made elsewhere.
 */
import { Lifetime } from "../engine/lifetime.ts";
import type { FeatureExtractor } from "../frontend/feature-extractor.ts";
import type { FeatureOptions, Features } from "../frontend/options.ts";
import type { LoadedModel } from "../architectures/build.ts";
import type { StageInfo } from "../nn/hook-point.ts";
import type { AlignRequest, CtcRequest, PiecesRequest, RecognizeOptions } from "../recognizers/options.ts";
import type { Recognizer } from "../recognizers/recognizer.ts";
import { emptyRecognition } from "../recognizers/result.ts";
import type { Alignment, CtcResult, Recognition } from "../recognizers/result.ts";
import type { StepGroup } from "../recognizers/step-pool.ts";
import { Stopwatch } from "../recognizers/stopwatch.ts";
import { timesWithin } from "../recognizers/times.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import { within } from "../text/timestamps/within.ts";
import { MODEL_RATE } from "../audio/limits.ts";
import { frameSeconds } from "../decoding/ctc.ts";
import { isSilent } from "./loudness.ts";
import type { RecommendedCuts } from "./recommended.ts";

export type WindowInput = Float32Array | Features;

type JobOptions = FeatureOptions & Pick<RecognizeOptions, "signal" | "hook">;

/** What a window is recognized with. */
interface WindowParts {
  /** The model's name in errors. */
  readonly source: string;
  readonly loaded: LoadedModel;
  readonly recognizer: Recognizer;
  readonly features: FeatureExtractor;
  readonly recommended: RecommendedCuts;
}

/** The length of a window, rounded down to the microsecond, to which times are rounded. */
function secondsOf(window: WindowInput): number {
  if (!(window instanceof Float32Array)) return frameSeconds(window.rows);
  return Math.floor((window.length / MODEL_RATE) * 1e6) / 1e6;
}

export class WindowRecognizer implements Disposable {
  readonly recognizer: Recognizer;
  readonly loaded: LoadedModel;
  /** How recordings are best cut for this model. */
  readonly recommended: RecommendedCuts;
  readonly #features: FeatureExtractor;
  readonly #life: Lifetime;

  constructor({ source, loaded, recognizer, features, recommended }: WindowParts) {
    this.#life = new Lifetime(source, () => {
      recognizer.dispose?.();
      loaded.dispose();
    });
    this.loaded = loaded;
    this.recognizer = recognizer;
    this.#features = features;
    this.recommended = recommended;
  }

  /** Every stage of the forward pass, in its order. */
  get stages(): readonly StageInfo[] {
    return [...this.#features.stages, ...this.loaded.hooks.stages];
  }

  /**
   * Recognizes a window, one of a group where several are recognized at once. Samples that are silent have an empty result,
   * without a forward pass.
   */
  async recognize(
    window: WindowInput,
    options: RecognizeOptions & FeatureOptions,
    group?: StepGroup,
  ): Promise<Recognition> {
    this.#features.check(window, options);
    const { silenceGate } = options;
    if (window instanceof Float32Array && silenceGate !== "off" && isSilent(window)) return emptyRecognition;
    const recognition = await this.#run(window, options, (features, watch) =>
      this.recognizer.recognize(features, options, watch, group),
    );
    return timesWithin(recognition, secondsOf(window));
  }

  async align(window: WindowInput, text: string, options: AlignRequest & FeatureOptions): Promise<Alignment> {
    const alignment = await this.#run(window, options, (features, watch) =>
      this.recognizer.align(features, text, options, watch),
    );
    return timesWithin(alignment, secondsOf(window));
  }

  async ctc(window: WindowInput, options: CtcRequest & FeatureOptions): Promise<CtcResult> {
    const result = await this.#run(window, options, (features, watch) =>
      this.recognizer.ctc(features, options, watch),
    );
    return { ...result, labels: within(result.labels, secondsOf(window)) };
  }

  /** See {@link Recognizer.pieces}. */
  pieces(window: Float32Array, options: PiecesRequest & FeatureOptions): Promise<readonly TimedText[]> {
    return this.#run(window, options, (features, watch) => this.recognizer.pieces(features, options, watch));
  }

  /** Throws `disposed`. */
  checkUsable(): void {
    this.#life.check();
  }

  /** Ends what runs, and frees the weights then. */
  dispose(): void {
    this.#life.end();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** One job: makes the features, then does `work` with them; `options.hook` sees the stages of both. */
  #run<Result>(
    window: WindowInput,
    options: JobOptions,
    work: (features: Features, watch: Stopwatch) => Promise<Result>,
  ): Promise<Result> {
    const { hooks, engine, backend } = this.loaded;
    const watch = new Stopwatch();
    const job = async (): Promise<Result> =>
      work(await watch.time("features", () => this.#features.extract(window, options)), watch);
    const context = {
      signal: options.signal,
      check: () => this.checkUsable(),
      enter: () => {
        hooks.hook = options.hook;
      },
      leave: () => {
        hooks.hook = undefined;
      },
    };
    return this.#life.run(() => engine.run(backend, job, context));
  }
}
