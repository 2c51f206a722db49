/**
 * Fun-ASR-GGUF's API: `createAsrEngine({ … })`, `initialize()`, `transcribe(path, { … })`, with its names, its windows
 * of 60 s that overlap by 2 s, its front end and its prompt. Decoding is greedy by default, so that it is repeatable.
 */
import { guardOutputs } from "../adapters/node/output/guard.ts";
import { writeAtomically } from "../adapters/node/output/atomic-file.ts";
import { UsageError } from "../errors.ts";
import { outputBase } from "../text/outputs/formats.ts";
import { toSrt } from "../text/outputs/subtitles.ts";
import { load } from "../transcriber/load.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { Transcription } from "../longform/result.ts";
import type { BackendName } from "../nn/backend.ts";
import { parseHotwords } from "../text/hotwords/hot-file.ts";
import { Hotwords } from "../text/hotwords/hotwords.ts";
import { readText } from "../adapters/node/text-file.ts";
import { checkNames } from "../options/check.ts";
import type { NamesOf } from "../options/check.ts";

export interface AsrEngineConfig {
  /** The files of an export. */
  readonly encoder_onnx_path?: string;
  readonly ctc_onnx_path?: string;
  readonly decoder_gguf_path?: string;
  readonly tokens_path?: string;
  /** A model in one file or folder, in place of an export. */
  readonly model?: string;
  /** A hot.txt: one hotword a line. */
  readonly hotwords_path?: string;
  readonly similar_threshold?: number;
  readonly max_hotwords?: number;
  /** `false` leaves out the times of characters. */
  readonly enable_ctc?: boolean;
  readonly backend?: BackendName;
  readonly threads?: number;
}

export interface EngineTranscribeOptions {
  readonly language?: string;
  readonly context?: string;
  /** Seconds of a window; 60 by default. */
  readonly segment_size?: number;
  /** Seconds that two windows share; 2 by default. */
  readonly overlap?: number;
  readonly start_second?: number;
  readonly duration?: number;
  /** Whether subtitles are written to a file beside the audio. */
  readonly srt?: boolean;
  readonly temperature?: number;
  readonly top_k?: number;
  readonly top_p?: number;
  readonly signal?: AbortSignal;
}

const configNames: NamesOf<AsrEngineConfig> = {
  encoder_onnx_path: true,
  ctc_onnx_path: true,
  decoder_gguf_path: true,
  tokens_path: true,
  model: true,
  hotwords_path: true,
  similar_threshold: true,
  max_hotwords: true,
  enable_ctc: true,
  backend: true,
  threads: true,
};

const transcribeNames: NamesOf<EngineTranscribeOptions> = {
  language: true,
  context: true,
  segment_size: true,
  overlap: true,
  start_second: true,
  duration: true,
  srt: true,
  temperature: true,
  top_k: true,
  top_p: true,
  signal: true,
};

export interface EngineResult {
  readonly text: string;
  /** Each character with its start in seconds. */
  readonly segments: readonly { readonly char: string; readonly start: number }[];
  readonly ctc_text: string;
  readonly hotwords: readonly string[];
  /** Milliseconds by step, and counts of tokens. */
  readonly timings: Transcription["timings"];
  readonly stats: Transcription["counts"];
}

export function createAsrEngine(config: AsrEngineConfig): AsrEngine {
  return new AsrEngine(config);
}

export class AsrEngine implements Disposable {
  readonly #config: AsrEngineConfig;
  #model: Transcriber | undefined;
  #hotwords: Hotwords | undefined;

  /** Use {@link createAsrEngine}. */
  constructor(config: AsrEngineConfig) {
    checkNames(config, configNames);
    this.#config = config;
  }

  /** Loads the model and the list of hotwords. */
  async initialize(): Promise<this> {
    const { backend, threads, hotwords_path: list } = this.#config;
    if (this.#model !== undefined) return this;
    if (list !== undefined) {
      const { similar_threshold: threshold = 0.6, max_hotwords: max = 10 } = this.#config;
      this.#hotwords = new Hotwords(parseHotwords(await readText(list)), { threshold, max });
    }
    this.#model = await load(this.#files(), { backend, threads });
    return this;
  }

  async transcribe(path: string, options: EngineTranscribeOptions = {}): Promise<EngineResult> {
    checkNames(options, transcribeNames);
    if (this.#model === undefined) {
      throw new UsageError("bad_option", "engine", "not initialized", {
        wanted: "await engine.initialize()",
      });
    }
    const { language, context, start_second: start, duration, temperature, signal } = options;
    const { segment_size: seconds = 60, overlap = 2, top_k: topK, top_p: topP, srt = false } = options;
    const subtitles = `${outputBase(path)}.srt`;
    if (srt) await guardOutputs([subtitles], { files: [path] });
    const timed = this.#config.enable_ctc !== false && this.#model.info.ctc;
    const result = await this.#model.transcribe(path, {
      language,
      context,
      hotwords: this.#hotwords,
      start,
      duration,
      temperature,
      topK,
      topP,
      signal,
      chunk: { seconds, overlap, cut: "fixed" },
      timestamps: timed ? "word" : "none",
      promptStyle: "fun-asr-gguf",
      frontend: "htk",
      align: { method: "text" },
    });
    const { text, characters = [], ctcText = "", hotwords = [], timings, counts, segments } = result;
    if (srt) {
      const content = new TextEncoder().encode(toSrt({ text, duration: result.duration ?? 0, segments }));
      await writeAtomically(subtitles, (write) => write(content));
    }
    return {
      text,
      segments: characters.map(({ text: char, start: at }) => ({ char, start: at })),
      ctc_text: ctcText,
      hotwords: hotwords.map(({ word }) => word),
      timings,
      stats: counts,
    };
  }

  /** Frees the weights. */
  cleanup(): void {
    this.#model?.dispose();
    this.#model = undefined;
  }

  [Symbol.dispose](): void {
    this.cleanup();
  }

  /** One file, or those of an export. Throws `bad_option` where there is none. */
  #files(): string | string[] {
    const { model, encoder_onnx_path: encoder, ctc_onnx_path: ctc } = this.#config;
    const { decoder_gguf_path: decoder, tokens_path: tokens } = this.#config;
    if (model !== undefined) return model;
    const parts = [encoder, ctc, decoder, tokens].filter((part) => part !== undefined);
    if (parts.length > 0) return parts;
    throw new UsageError("bad_option", "config", "no model", {
      wanted: "model, or encoder_onnx_path and its siblings",
    });
  }
}
