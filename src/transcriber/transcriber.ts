/**
 * The place to start reading: a model, and what can be done with it. Audio becomes windows (src/longform), a window
 * becomes features (src/frontend), and a recognizer (src/recognizers) runs the networks on them.
 */
import { withEvents, withPartials } from "../longform/events.ts";
import type { StreamOptions, TranscribeOptions } from "../longform/options.ts";
import type { PartialResult, Segment, TotalTimings, Transcription } from "../longform/result.ts";
import { UsageError } from "../errors.ts";
import type { WindowInput, WindowRecognizer } from "../longform/window-recognizer.ts";
import type { StageInfo } from "../nn/hook-point.ts";
import type { Timings } from "../recognizers/result.ts";
import { Stopwatch } from "../recognizers/stopwatch.ts";
import type { AudioInput } from "../audio/container.ts";
import type { LiveEnd, LiveEvent } from "../live/events.ts";
import type { ListenOptions } from "../live/options.ts";
import type { Punctuator } from "../punctuation/punctuator.ts";
import type { Vad } from "../vad/vad.ts";
import { collapsed } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { checkMethodOptions } from "./check-options.ts";
import { isFeatures } from "./types.ts";
import type {
  AlignedText,
  AlignOptions,
  CtcDraft,
  CtcOptions,
  ModelInfo,
  Run,
  RunOptions,
  TranscribeInput,
} from "./types.ts";

export class Transcriber implements Disposable {
  readonly info: ModelInfo;
  readonly #windows: WindowRecognizer;
  readonly #helpers: { readonly vad?: Vad | undefined; readonly punctuation?: Punctuator | undefined };

  /** Use `load` of load.ts. The helpers end with the transcriber. */
  constructor(
    info: ModelInfo,
    windows: WindowRecognizer,
    helpers: { readonly vad?: Vad | undefined; readonly punctuation?: Punctuator | undefined },
  ) {
    this.info = info;
    this.#windows = windows;
    this.#helpers = helpers;
  }

  /** What `fun-asr/lab` reads the inside of a model with. */
  static windowsOf(model: Transcriber): WindowRecognizer {
    return model.#windows;
  }

  /**
   * A recording to text. What is longer than one window (30 s) is cut where it is quiet, and recognized window by window
   * in memory that does not grow with its length. Throws `AudioError` for what is not audio, `CtcUnavailableError` and
   * `UsageError` for requests that cannot be met, and the signal's reason when aborted; the transcriber stays usable.
   */
  transcribe(input: TranscribeInput, options: TranscribeOptions = {}): Promise<Transcription> {
    return this.#measured("transcribe", options, async (watch) => {
      const { oneWindow, transcribeLong } = await import("../longform/transcribe-long.ts");
      const helpers = { ...this.#helpers, watch };
      if (!isFeatures(input)) return transcribeLong(this.#windows, input, options, helpers);
      const own = withPartials(options, { part: 0, start: 0 });
      const recognition = await this.#windows.recognize(input.features, own);
      watch.add(recognition.timings);
      const { onSegment, signal } = options;
      return oneWindow(recognition, helpers, { onSegment, signal });
    });
  }

  /**
   * The same, segment by segment as they become final, and with `partials` their text before that, while it is written;
   * the generator's return value is the whole result. Leaving the loop early aborts the rest.
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
    options: StreamOptions = {},
  ): AsyncGenerator<Segment | PartialResult, Transcription> {
    checkMethodOptions("transcribeStream", options);
    return withEvents((own) => this.transcribe(input, own), options);
  }

  /**
   * Recognizes speech while it comes, from a stream that need not end: the events of each utterance, with its text while it
   * grows and its final text, which is that of `transcribe` for the same samples. The generator's return value describes the
   * stream. Audio is read as events are asked for; where the work is slower than the audio, partials are left out. Throws
   * what `transcribe` throws. Leaving the loop ends the stream.
   */
  listen(input: AudioInput, options: ListenOptions = {}): AsyncGenerator<LiveEvent, LiveEnd> {
    this.#windows.checkUsable();
    checkMethodOptions("listen", options);
    return listen(this.#windows, input, options, this.#helpers);
  }

  /**
   * Finds a given text in the audio: the times of its characters and words, in seconds. Throws `CtcUnavailableError`
   * where the model has no times for it.
   */
  align(input: TranscribeInput, text: string, options: AlignOptions = {}): Promise<AlignedText> {
    return this.#atOnce("align", input, options, (window) => {
      if (typeof text === "string") return this.#windows.align(window, text, options);
      throw new UsageError("bad_option", "text", `a value of type ${typeof text}`, { wanted: "a string" });
    });
  }

  /** The output of the CTC branch: its draft, and the best labels of every frame. */
  ctc(input: TranscribeInput, options: CtcOptions = {}): Promise<CtcDraft> {
    return this.#atOnce("ctc", input, options, async (window) => {
      const draft = await this.#windows.ctc(window, options);
      return { ...draft, warnings: [] };
    });
  }

  /** Every stage of the forward pass, in its order. */
  stages(): readonly StageInfo[] {
    return this.#windows.stages;
  }

  /**
   * One transcription, of silence too, with access to its forward pass: `patch`, `ablate` and `scale` come first, then
   * `capture` gets the values that the pass continues with, then `hook`; `stopAfter` ends it. Throws `bad_option` for stages or
   * regions that the model or the clip does not have.
   */
  async run(input: TranscribeInput, options: RunOptions = {}): Promise<Run> {
    checkMethodOptions("run", options);
    const { runWithHooks } = await import("../activations/run-with-hooks.ts");
    const { stages, result } = await runWithHooks(this.stages(), options, (hook) =>
      this.transcribe(input, { silenceGate: "off", ...options, chunk: "off", hook }),
    );
    return { stages, transcription: result };
  }

  /** Frees the weights. */
  dispose(): void {
    this.#windows.dispose();
    this.#helpers.vad?.dispose();
    this.#helpers.punctuation?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Reads all of the audio, then does `work` with it as one window. */
  #atOnce<Result extends { readonly timings: Timings; readonly warnings: readonly Warning[] }>(
    method: "align" | "ctc",
    input: TranscribeInput,
    options: AlignOptions | CtcOptions,
    work: (window: WindowInput) => Promise<Result>,
  ): Promise<
    Omit<Result, "timings"> & { readonly duration: number | undefined; readonly timings: TotalTimings }
  > {
    return this.#measured(method, options, async (watch) => {
      const audio = isFeatures(input)
        ? undefined
        : await watch.time("audio", async () => {
            const { loadAudio } = await import("../audio/container.ts");
            return loadAudio(input, { signal: options.signal });
          });
      const window = isFeatures(input) ? input.features : audio!.samples;
      const { timings, ...result } = await work(window);
      watch.add(timings);
      const { warningsOf } = await import("../audio/warnings.ts");
      const warnings = audio === undefined ? [] : warningsOf(audio);
      return { ...result, warnings: [...warnings, ...result.warnings], duration: audio?.duration };
    });
  }

  /** The one place where the times of all steps, and the warnings of all windows, become a result's. */
  async #measured<Result extends { readonly warnings: readonly Warning[] }>(
    method: "transcribe" | "align" | "ctc",
    options: Pick<TranscribeOptions, "signal">,
    work: (watch: Stopwatch) => Promise<Result>,
  ): Promise<Result & { readonly timings: TotalTimings }> {
    this.#windows.checkUsable();
    checkMethodOptions(method, options);
    options.signal?.throwIfAborted();
    const watch = new Stopwatch();
    const began = performance.now();
    const result = await work(watch);
    const warnings = collapsed(result.warnings);
    return {
      ...result,
      warnings,
      timings: { ...watch.times, total: watch.earlier + performance.now() - began },
    };
  }
}

/** Loaded when it is called, as `transcribe` loads what it needs. */
async function* listen(
  ...given: Parameters<typeof import("../live/listen.ts").listenTo>
): AsyncGenerator<LiveEvent, LiveEnd> {
  const { listenTo } = await import("../live/listen.ts");
  return yield* listenTo(...given);
}
