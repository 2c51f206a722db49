/**
 * Audio → features → model → text: the place to start reading. Everything below is one of these four.
 */
import { loadAudio } from "../audio/container.ts";
import { checkMethodOptions } from "./check-options.ts";
import { decodeStream, WaveStream } from "../compat/sherpa.ts";
import { FunAsrError, UsageError } from "../errors.ts";
import { FeatureExtractor } from "../frontend/feature-extractor.ts";
import type { Cmvn } from "../frontend/cmvn.ts";
import type { FrontendConfig } from "../frontend/frontend.ts";
import type { LoadedModel } from "../architectures/build.ts";
import type { Activation } from "../activations/recorder.ts";
import type { StageInfo } from "../nn/hook-point.ts";
import { runWithHooks } from "../activations/run-with-hooks.ts";
import type { Run, RunOptions } from "../activations/run-with-hooks.ts";
import { readLayers } from "../recognizers/logit-lens.ts";
import type { LensLayer, LensOptions } from "../recognizers/logit-lens.ts";
import { withEvents, withPartials } from "../longform/events.ts";
import type { PartialResult } from "../longform/events.ts";
import { emptyRecognition } from "../recognizers/recognizer.ts";
import type { Features, Recognizer, Timings } from "../recognizers/recognizer.ts";
import { Stopwatch } from "../recognizers/stopwatch.ts";
import { withSegmentCallback, singleSegment, transcribeLong } from "../longform/transcribe-long.ts";
import type { SegmentRecognition } from "../longform/transcribe-long.ts";
import { isSilent } from "../longform/loudness.ts";
import type { Segment } from "../longform/segment.ts";
import type { Vad } from "../vad/vad.ts";
import { isFeatures } from "./types.ts";
import type {
  AlignedText,
  AlignOptions,
  CtcDraft,
  CtcOptions,
  PassOptions,
  Measured,
  ModelInfo,
  StepTimings,
  StreamOptions,
  TranscribeInput,
  TranscribeOptions,
  Transcription,
} from "./types.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";

export type { Run, RunOptions } from "../activations/run-with-hooks.ts";
export type {
  AlignedText,
  AlignOptions,
  CtcDraft,
  CtcOptions,
  ModelInfo,
  StreamOptions,
  TranscribeInput,
  TranscribeOptions,
  Transcription,
} from "./types.ts";

export class Transcriber implements Disposable {
  readonly info: ModelInfo;
  readonly #loaded: LoadedModel;
  readonly #recognizer: Recognizer;
  readonly #features: FeatureExtractor;
  readonly #vad: Vad | undefined;
  #disposed = false;

  /** Use `load` of load.ts. */
  constructor(
    info: ModelInfo,
    loaded: LoadedModel,
    recognizer: Recognizer,
    { frontend, cmvn, vad }: { frontend: FrontendConfig; cmvn: Cmvn | undefined; vad: Vad | undefined },
  ) {
    this.info = info;
    this.#loaded = loaded;
    this.#recognizer = recognizer;
    this.#features = new FeatureExtractor(frontend, cmvn, loaded.hooks);
    this.#vad = vad;
  }

  /**
   * A recording to text. What is longer than one window (30 s) is cut, where it is quiet, and recognized in parts, in
   * memory that does not grow with its length. Throws `AudioError` for what is not audio, `CtcUnavailableError` and
   * `UsageError` for requests that cannot be met, and the signal's reason when aborted; the transcriber stays usable.
   */
  async transcribe(input: TranscribeInput, options: TranscribeOptions = {}): Promise<Transcription> {
    const segments = this.#stream(input, options);
    for (;;) {
      const next = await segments.next();
      if (next.done === true) return next.value;
    }
  }

  /**
   * The same, segment by segment as they become final, and with `partials` what is written of them before, while it is
   * written; the generator's return value is the whole result.
   */
  transcribeStream(
    input: TranscribeInput,
    options?: StreamOptions & { readonly partials?: false | undefined },
  ): AsyncGenerator<Segment, Transcription>;
  transcribeStream(
    input: TranscribeInput,
    options: StreamOptions,
  ): AsyncGenerator<Segment | PartialResult, Transcription>;
  transcribeStream(
    input: TranscribeInput,
    { partials = false, ...options }: StreamOptions = {},
  ): AsyncGenerator<Segment | PartialResult, Transcription> {
    if (!partials) return this.#stream(input, options);
    return withEvents((listening) => this.transcribe(input, listening), { partials, ...options });
  }

  async *#stream(input: TranscribeInput, options: TranscribeOptions): AsyncGenerator<Segment, Transcription> {
    this.#checkUsable("transcribe", options);
    const began = performance.now();
    const { hasTimes } = this.#recognizer;
    const listener = { hasTimes, vad: this.#vad, recognize: this.#recognizeWindow.bind(this) };
    const segments = isFeatures(input)
      ? singleSegment(await this.#recognize(input.features, withPartials(options, { part: 0, start: 0 })))
      : transcribeLong(listener, input, options);
    const { timings, ...result } = yield* withSegmentCallback(segments, options.onSegment);
    return { ...result, timings: { ...timings, total: performance.now() - began } };
  }

  /**
   * Where a given text is in the audio: the times of its characters and words. Throws `CtcUnavailableError` where the
   * model cannot tell.
   */
  async align(input: TranscribeInput, text: string, options: AlignOptions = {}): Promise<AlignedText> {
    return this.#atOnce("align", input, options, (features) =>
      this.#recognizer.align(features, text, options),
    );
  }

  /** What the CTC branch hears: its draft, and the best labels of every frame. */
  async ctc(input: TranscribeInput, options: CtcOptions = {}): Promise<CtcDraft> {
    return this.#atOnce("ctc", input, options, (features) => this.#recognizer.ctc(features, options));
  }

  /** Every stage that the model can show, in the order of the forward pass. */
  stages(): readonly StageInfo[] {
    return [...this.#features.stages, ...this.#loaded.hooks.stages];
  }

  /**
   * A transcription (of silence, too) that is looked into and interfered with: `patch`, `ablate` and `scale` come first,
   * then `capture` sees what the pass goes on with, then `hook`; `stopAfter` ends it. Throws `bad_option` for stages or
   * regions that the model or the clip does not have.
   */
  async run(input: TranscribeInput, options: RunOptions = {}): Promise<Run> {
    const { stages, result } = await runWithHooks(this.stages(), options, (hook) =>
      this.transcribe(input, { silenceGate: "off", ...options, chunk: "off", hook }),
    );
    return { stages, transcription: result };
  }

  /**
   * What each layer would say if it were the last: through the norms behind it and the head, without the layers between.
   * Of the language model the generated tokens, of the CTC branch the frames. Throws `bad_option` where the model has
   * no such head.
   */
  async lens(
    input: TranscribeInput,
    { of, top = 1, ...options }: RunOptions & LensOptions,
  ): Promise<LensLayer[]> {
    const lens = this.#recognizer.lenses[of];
    if (lens === undefined) {
      throw new UsageError("bad_option", "lens", of, {
        wanted: Object.keys(this.#recognizer.lenses).join(" or ") || "a model with a CTC branch or an LLM",
      });
    }
    const last = lens.rows === "frames" ? { stopAfter: lens.layers.at(-1)! } : { steps: true };
    const { stages } = await this.run(input, { ...options, ...last, capture: lens.layers });
    const backend = of === "llm" ? this.info.llm : this.info.backend;
    return readLayers({ engine: this.#loaded.engine, backend }, lens, stages, top, options.signal);
  }

  /** The stages of {@link run}, all by default. */
  async captureStages(
    input: TranscribeInput,
    { stages: capture = ["*"], ...options }: RunOptions & { readonly stages?: readonly string[] } = {},
  ): Promise<Activation[]> {
    const { stages } = await this.run(input, { ...options, capture });
    return [...stages.values()];
  }

  /** A stream to fill with samples and to decode, as in sherpa-onnx. */
  createStream(): WaveStream {
    return new WaveStream();
  }

  /** Recognizes what is in the stream so far; the result is in `stream.result`. */
  decode(stream: WaveStream, options: TranscribeOptions = {}): Promise<void> {
    const timestamps = this.#recognizer.hasTimes ? "word" : "none";
    return decodeStream(this, stream, { timestamps, ...options });
  }

  /** What a label of the CTC head (or of Paraformer's decoder) stands for; nothing for a blank. */
  labelText(id: number): string {
    return this.#recognizer.labelText(id);
  }

  /** Frees the weights. */
  dispose(): void {
    if (this.#disposed) return;
    this.#recognizer.dispose?.();
    this.#loaded.dispose();
    this.#vad?.dispose();
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Audio to features, then `work`; its result with the whole's duration, timings and warnings. */
  async #atOnce<Result extends { readonly timings: Timings; readonly warnings?: readonly Warning[] }>(
    method: "align" | "ctc",
    input: TranscribeInput,
    options: PassOptions,
    work: (features: Features) => Promise<Result>,
  ): Promise<Measured<Result>> {
    this.#checkUsable(method, options);
    const start = performance.now();
    const watch = new Stopwatch<"audio">();
    const heard = isFeatures(input)
      ? undefined
      : await watch.time("audio", () => loadAudio(input, { signal: options.signal }));
    const result = await this.#withFeatures(
      isFeatures(input) ? input.features : heard!.samples,
      options,
      work,
    );
    return {
      ...result,
      warnings: [
        ...(heard?.warnings ?? []).map((message) => warning("audio", message)),
        ...(result.warnings ?? []),
      ],
      duration: heard?.duration,
      timings: { ...watch.times, ...result.timings, total: performance.now() - start },
    };
  }

  /** Everything that is heard of some samples: features, and what they say, unless there is only silence. */
  async #recognizeWindow(samples: Float32Array, options: TranscribeOptions): Promise<SegmentRecognition> {
    this.#features.check(samples, options);
    const silent = options.silenceGate !== "off" && isSilent(samples);
    return silent ? emptyRecognition : this.#recognize(samples, options);
  }

  #checkUsable(method: "transcribe" | "align" | "ctc", options: PassOptions): void {
    this.#checkNotDisposed();
    checkMethodOptions(method, options);
    options.signal?.throwIfAborted();
  }

  #checkNotDisposed(): void {
    if (this.#disposed) throw new FunAsrError("disposed", this.info.source, "the model was disposed");
  }

  #recognize(source: Float32Array | Features, options: TranscribeOptions): Promise<SegmentRecognition> {
    return this.#withFeatures(source, options, (features) => this.#recognizer.recognize(features, options));
  }

  /** One job: makes the features, then does `work` with them, with `options.hook` on both; the times of both. */
  #withFeatures<Result extends { readonly timings: Timings }>(
    source: Float32Array | Features,
    { signal, hook, ...options }: PassOptions,
    work: (features: Features) => Promise<Result>,
  ): Promise<Result & { readonly timings: StepTimings }> {
    const watch = new Stopwatch<"features">();
    const { hooks, engine, backend } = this.#loaded;
    const pass = async (): Promise<Result & { readonly timings: StepTimings }> => {
      const features = await watch.time("features", () => this.#features.extract(source, options));
      const result = await work(features);
      return { ...result, timings: { ...watch.times, ...result.timings } };
    };
    return engine.run(backend, pass, {
      signal,
      check: () => this.#checkNotDisposed(),
      enter: () => {
        hooks.hook = hook;
      },
      leave: () => {
        hooks.hook = undefined;
      },
    });
  }
}
