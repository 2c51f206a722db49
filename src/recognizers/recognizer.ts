/**
 * What a recogniser is: a model with its tokenizers, which turns features into text. One file per architecture
 * implements it; the transcriber knows no more than this.
 */
import type { BackendName } from "../nn/backend.ts";
import type { Tap } from "../nn/tap.ts";
import type { PromptOptions } from "../text/prompt.ts";
import type { SpeechTags } from "../text/sensevoice-text.ts";
import type { TimedUnit } from "../text/timestamps/timed.ts";
import type { Warning } from "../warnings.ts";

/** Feature rows [frames, width] of one utterance. */
export interface Features {
  readonly values: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

export type ProgressStage = "load" | "encode" | "ctc" | "prefill" | "generate" | "decode";

export interface Progress {
  readonly stage: ProgressStage;
  readonly done: number;
  /** For `generate`, the most that there can be. */
  readonly total: number;
}

export interface RecognizeOptions extends PromptOptions {
  /**
   * `full`: the language model writes the text; `ctc`: the CTC branch's draft alone (much faster).
   * For models without a language model the two are one.
   */
  readonly mode?: "full" | "ctc" | undefined;
  /**
   * Times by CTC forced alignment or from the predictor's alphas. `character`: of the labels, as FunASR gives them;
   * `word`: of each character of the written text (numbers as they were spoken, marks in between) and of its words.
   */
  readonly timestamps?: "none" | "character" | "word" | undefined;
  /** How much of the audio the language model sees; the model's own rule unless said otherwise. */
  readonly audioRows?: "eighth" | "all" | undefined;
  /** Most tokens that are generated: 512 as in the original. */
  readonly maxNewTokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Text as it is written, whole characters only. */
  readonly onToken?: ((text: string) => void) | undefined;
  /** Hears every stage of the forward pass. */
  readonly tap?: Tap | undefined;
}

/** A stretch of text with its place in the audio, in seconds. */
export interface TimedText {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Highest probability of the label within its frames, 0 to 1. */
  readonly score: number;
}

export interface Recognition {
  readonly text: string;
  /** The tokens of `text`, without the stop token. */
  readonly tokens: readonly number[];
  /** Greedy text of the CTC branch, when it ran. */
  readonly ctcText?: string;
  /** The labels with their places, as FunASR gives them (timestamps: `character`). */
  readonly characters?: readonly TimedText[];
  /** Every character of the text with its place, and where that is known from (timestamps: `word`). */
  readonly units?: readonly TimedUnit[];
  /** The words that these make. */
  readonly words?: readonly TimedUnit[];
  /** What SenseVoice hears beside words. */
  readonly tags?: SpeechTags;
  /** SenseVoice's text with its tags as emoji. */
  readonly richText?: string;
  readonly counts: TokenCounts;
  /** Milliseconds by step. */
  readonly timings: Timings;
  readonly warnings: readonly Warning[];
}

export interface TokenCounts {
  readonly prefixTokens: number;
  readonly audioTokens: number;
  readonly suffixTokens: number;
  readonly generatedTokens: number;
}

/** The counts of a model that has no prompt. */
export const withoutPrompt = (generatedTokens: number): TokenCounts => ({
  prefixTokens: 0,
  audioTokens: 0,
  suffixTokens: 0,
  generatedTokens,
});

type Step = "encode" | "ctc" | "adapt" | "prefill" | "generate" | "predict" | "decode";

export type Timings = { readonly [step in Step]?: number };

export interface Recognizer {
  /** Whether there is a CTC branch. */
  readonly hasCtc: boolean;
  /** Whether features must be normalised by constants of the model. */
  readonly needsCmvn: boolean;
  /** Runs on its backend, alone. Throws what `options.signal` says when it is aborted. */
  recognize(features: Features, options: RecognizeOptions): Promise<Recognition>;
}

/** Everything about a model that its recogniser needs beside the networks. */
export interface RecognizerContext {
  readonly source: string;
  readonly backend: BackendName;
  readonly metadata: ReadonlyMap<string, unknown>;
}
