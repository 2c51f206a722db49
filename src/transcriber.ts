/**
 * Audio → features → model → text: the place to start reading. Everything below is one of these four.
 */
import { loadAudio } from "./audio/container.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { decodeStream, WaveStream } from "./compat/sherpa.ts";
import { FunAsrError, UsageError } from "./errors.ts";
import { applyCmvn } from "./frontend/cmvn.ts";
import type { Cmvn } from "./frontend/cmvn.ts";
import { planFrontend } from "./frontend/frontend.ts";
import type { Frontend, FrontendConfig } from "./frontend/frontend.ts";
import type { FrontendVariant } from "./frontend/variants.ts";
import { openCheckpoint } from "./gguf/open.ts";
import type { GgufSource } from "./gguf/index.ts";
import { buildModel } from "./model.ts";
import { Settings } from "./models/settings.ts";
import type { LoadedModel } from "./model.ts";
import { backendNames, configureBackend, onBackend } from "./nn/backend.ts";
import { tensor, tidy } from "./nn/ops.ts";
import { offer } from "./nn/tap.ts";
import type { BackendName, TensorflowOptions } from "./nn/backend.ts";
import { defaultBackend, placementOf } from "./nn/placement.ts";
import type { BackendChoice } from "./nn/placement.ts";
import { StageRecorder } from "./nn/recorder.ts";
import type { Stage } from "./nn/recorder.ts";
import { globs } from "./diff/globs.ts";
import { readCmvn } from "./recognizers/cmvn.ts";
import { readFrontend } from "./recognizers/frontend.ts";
import { recognizerFor } from "./recognizers/registry.ts";
import { nothingSaid } from "./recognizers/recognizer.ts";
import type { Features, Progress, Recognition, Recognizer, Timings } from "./recognizers/recognizer.ts";
import { Stopwatch } from "./recognizers/stopwatch.ts";
import { announced, inOnePart, transcribeRecording } from "./recording.ts";
import type { Heard } from "./recording.ts";
import { loudness } from "./segment/levels.ts";
import type { Segment } from "./segment/segment.ts";
import { loadVad } from "./segment/vad.ts";
import type { Vad } from "./segment/vad.ts";
import type {
  AlignedText,
  AlignOptions,
  CtcDraft,
  CtcOptions,
  HearOptions,
  Measured,
  TranscribeInput,
  TranscribeOptions,
  Transcription,
} from "./transcription.ts";
import { warning } from "./warnings.ts";
import type { Warning } from "./warnings.ts";

export type {
  AlignedText,
  AlignOptions,
  CtcDraft,
  CtcOptions,
  TranscribeInput,
  TranscribeOptions,
  Transcription,
} from "./transcription.ts";

export interface LoadOptions {
  /** What computes: a backend, `hybrid` (encoder on `tensorflow`, language model on `wasm`), or `auto`: measured. */
  readonly backend?: BackendChoice | undefined;
  /** Threads of the backend, all cores by default; counts for the first model of a process. */
  readonly threads?: number | undefined;
  /** How the backend `tensorflow` computes; counts for models that are loaded from then on. */
  readonly tensorflow?: TensorflowOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The text of the model's am.mvn, for a Paraformer or SenseVoice file without those constants. */
  readonly amMvn?: string | undefined;
  /** An fsmn-vad GGUF file: long recordings are then cut where it hears no speech. */
  readonly vad?: GgufSource | undefined;
}

export interface ModelInfo {
  readonly source: string;
  readonly architecture: string;
  /** Which container and naming the file came in. */
  readonly dialect: string;
  readonly backend: BackendName;
  /** Where the language model computes, if there is one. */
  readonly llm: BackendName;
  /** Whether the checkpoint has a CTC branch, which drafts and timestamps need. */
  readonly ctc: boolean;
}

/** Below this level nothing can be speech: the loudest 25 ms are ten steps of 16-bit audio (−70 dB of full scale). */
const silenceLevel = 10 / 32_768;

/** A model file, or the files that make up one (the official release keeps audio encoder and LLM apart). */
export type ModelSource = GgufSource | readonly GgufSource[];

/**
 * Opens a model, or builds one of a checkpoint that is open (and stays the caller's to close). Throws a
 * {@link FunAsrError} that names the file and what is wrong with it.
 */
export async function load(model: ModelSource | Checkpoint, options: LoadOptions = {}): Promise<Transcriber> {
  if (isCheckpoint(model)) return build(model, options);
  await using checkpoint = await openCheckpoint(model);
  return await build(checkpoint, options);
}

function isCheckpoint(model: ModelSource | Checkpoint): model is Checkpoint {
  return typeof model === "object" && "tensors" in model;
}

async function build(checkpoint: Checkpoint, options: LoadOptions): Promise<Transcriber> {
  const { threads, tensorflow } = options;
  if (threads !== undefined) for (const name of backendNames) configureBackend(name, { threads });
  if (tensorflow !== undefined) configureBackend("tensorflow", tensorflow);
  const placement = await placementOf(options.backend ?? defaultBackend());
  const { backend } = placement;
  const { onProgress, signal } = options;
  const loaded = await buildModel(checkpoint, {
    ...placement,
    signal,
    onProgress: ({ doneBytes, totalBytes }) =>
      onProgress?.({ stage: "load", done: doneBytes, total: totalBytes }),
  });
  try {
    const { source, dialect, metadata } = checkpoint;
    const recognizer = recognizerFor(loaded.model, { source, placement, metadata });
    const info = {
      source,
      architecture: loaded.model.architecture,
      dialect,
      ...placement,
      ctc: recognizer.hasCtc,
    };
    const frontend = readFrontend(new Settings(source, metadata).at(info.architecture).at("frontend"));
    const cmvn = await readCmvn(checkpoint, {
      width: frontend.nMels * frontend.lfrM,
      needed: recognizer.needsCmvn,
      amMvn: options.amMvn,
    });
    const vad = options.vad === undefined ? undefined : await loadVad(options.vad, { backend, signal });
    return new Transcriber(info, loaded, recognizer, { frontend, cmvn, vad });
  } catch (error) {
    loaded.dispose();
    throw error;
  }
}

export class Transcriber implements Disposable {
  readonly info: ModelInfo;
  readonly #loaded: LoadedModel;
  readonly #recognizer: Recognizer;
  readonly #frontendConfig: FrontendConfig;
  readonly #cmvn: Cmvn | undefined;
  readonly #vad: Vad | undefined;
  readonly #frontends = new Map<FrontendVariant, Frontend>();
  #disposed = false;

  /** Use {@link load}. */
  constructor(
    info: ModelInfo,
    loaded: LoadedModel,
    recognizer: Recognizer,
    { frontend, cmvn, vad }: { frontend: FrontendConfig; cmvn: Cmvn | undefined; vad: Vad | undefined },
  ) {
    this.info = info;
    this.#loaded = loaded;
    this.#recognizer = recognizer;
    this.#frontendConfig = frontend;
    this.#cmvn = cmvn;
    this.#vad = vad;
  }

  /**
   * A recording to text. What is longer than one window (30 s) is cut, where it is quiet, and recognised in parts, in
   * memory that does not grow with its length. Throws `AudioError` for what is not audio, `CtcUnavailableError` and
   * `UsageError` for requests that cannot be met, and the signal's reason when aborted; the transcriber stays usable.
   */
  async transcribe(input: TranscribeInput, options: TranscribeOptions = {}): Promise<Transcription> {
    const segments = this.transcribeStream(input, options);
    for (;;) {
      const next = await segments.next();
      if (next.done === true) return next.value;
    }
  }

  /** The same, segment by segment as they become final; the generator's return value is the whole result. */
  async *transcribeStream(
    input: TranscribeInput,
    options: TranscribeOptions = {},
  ): AsyncGenerator<Segment, Transcription> {
    this.#checkUsable(options);
    const began = performance.now();
    const { hasTimes } = this.#recognizer;
    const listener = { hasTimes, vad: this.#vad, hear: this.#hear.bind(this) };
    const segments = isFeatures(input)
      ? inOnePart(await this.#recognize({ lfr: input.features }, options))
      : transcribeRecording(listener, input, options);
    const { timings, ...result } = yield* announced(segments, options.onSegment);
    return { ...result, timings: { ...timings, total: performance.now() - began } };
  }

  /**
   * Where a given text is in the audio: the times of its characters and words. Throws `CtcUnavailableError` where the
   * model cannot tell.
   */
  async align(input: TranscribeInput, text: string, options: AlignOptions = {}): Promise<AlignedText> {
    return this.#atOnce(input, options, (seen) =>
      onBackend(this.#loaded.backend, () => this.#recognizer.align(seen.cmvn ?? seen.lfr, text, options)),
    );
  }

  /** What the CTC branch hears: its draft, and the best labels of every frame. */
  async ctc(input: TranscribeInput, options: CtcOptions = {}): Promise<CtcDraft> {
    return this.#atOnce(input, options, (seen) =>
      onBackend(this.#loaded.backend, () => this.#recognizer.ctc(seen.cmvn ?? seen.lfr, options)),
    );
  }

  /**
   * The named activations of one pass, those whose names match one of the patterns (`*` matches anything; all stages
   * by default). A stage that repeats with each token is the prefill's.
   */
  async captureStages(
    input: TranscribeInput,
    options: TranscribeOptions & { readonly stages?: readonly string[] } = {},
  ): Promise<Stage[]> {
    if (options.tap !== undefined)
      throw new UsageError("bad_option", "tap", "set", { wanted: "no tap of your own" });
    const recorder = new StageRecorder(globs(options.stages ?? ["*"]));
    await this.transcribe(input, { chunk: "off", ...options, tap: recorder });
    return recorder.stages();
  }

  /** A stream to fill with samples and to decode, as in sherpa-onnx. */
  createStream(): WaveStream {
    return new WaveStream();
  }

  /** Recognises what is in the stream so far; the result is in `stream.result`. */
  decode(stream: WaveStream, options: TranscribeOptions = {}): Promise<void> {
    const timestamps = this.#recognizer.hasTimes ? "word" : "none";
    return decodeStream(this, stream, { timestamps, ...options });
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
    input: TranscribeInput,
    options: HearOptions,
    work: (seen: Seen) => Promise<Result>,
  ): Promise<Measured<Result>> {
    this.#checkUsable(options);
    const start = performance.now();
    const watch = new Stopwatch<"audio" | "features">();
    const heard = isFeatures(input)
      ? undefined
      : await watch.time("audio", () => loadAudio(input, { signal: options.signal }));
    const seen = isFeatures(input)
      ? { lfr: input.features }
      : await watch.time("features", () => this.#listen(heard!.samples, options));
    this.#checkWidth(seen.lfr);
    const result = await work(seen);
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
  async #hear(samples: Float32Array, options: TranscribeOptions): Promise<Heard> {
    const watch = new Stopwatch<"features">();
    const seen = await watch.time("features", () => this.#listen(samples, options));
    const silent = options.silenceGate !== "off" && loudness(samples) < silenceLevel;
    const recognition = silent ? nothingSaid : await this.#recognize(seen, options);
    return { ...recognition, timings: { ...watch.times, ...recognition.timings } };
  }

  #checkUsable({ signal }: Pick<TranscribeOptions, "signal">): void {
    if (this.#disposed) throw new FunAsrError("disposed", this.info.source, "the model was disposed");
    signal?.throwIfAborted();
  }

  #listen(samples: Float32Array, options: HearOptions): Seen {
    const { frontend: variant = "kaldi", cmvn = "file" } = options;
    const frontend = this.#frontends.get(variant) ?? planFrontend(this.#frontendConfig, variant);
    this.#frontends.set(variant, frontend);
    const fbank = frontend.fbank(samples);
    const lfr = frontend.stack(fbank);
    if (this.#cmvn === undefined || cmvn === "off") return { fbank, lfr };
    return { fbank, lfr, cmvn: applyCmvn(lfr, this.#cmvn) };
  }

  #checkWidth({ cols, rows, values }: Features): void {
    const width = this.#frontendConfig.lfrM * this.#frontendConfig.nMels;
    if (cols === width && rows > 0 && values.length === rows * cols) return;
    const found = `${values.length} values as ${rows} rows of ${cols}`;
    throw new UsageError("bad_option", "features", found, { wanted: `rows of ${width}, at least one` });
  }

  #recognize(seen: Seen, options: TranscribeOptions): Promise<Recognition> {
    this.#checkWidth(seen.lfr);
    const { taps, backend } = this.#loaded;
    return onBackend(backend, async () => {
      taps.tap = options.tap;
      try {
        for (const [stage, { values, rows, cols }] of Object.entries<Features>({ ...seen })) {
          if (options.tap?.wants(stage) === true)
            tidy(() => offer(taps, stage, tensor(values, [rows, cols])));
        }
        return await this.#recognizer.recognize(seen.cmvn ?? seen.lfr, options);
      } finally {
        taps.tap = undefined;
      }
    });
  }
}

/** The front end's stages, under the names that they are offered as. */
interface Seen {
  readonly fbank?: Features;
  readonly lfr: Features;
  readonly cmvn?: Features;
}

function isFeatures(input: TranscribeInput): input is { readonly features: Features } {
  return typeof input === "object" && "features" in input;
}
