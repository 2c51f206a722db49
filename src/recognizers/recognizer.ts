/**
 * What a recognizer is: a model with its tokenizers, which turns features into text. One file per architecture
 * implements it; the transcriber knows no more than this.
 */
import type { Lens } from "../models/logit-lens.ts";
import type { Engine } from "../engine/engine.ts";
import type { Placement } from "../nn/placement.ts";
import type { Hook } from "../nn/hook-point.ts";
import type { PromptOptions } from "../text/prompt.ts";
import type { SpeechTags } from "../text/sensevoice-text.ts";
import type { Attempt, DecodingOptions } from "../decoding/generate.ts";
import type { Correction } from "../text/hotwords/hotwords.ts";
import type { HotwordRequest, OfferedHotword } from "./hotwords.ts";
import type { AlignMethod } from "./times.ts";
import type { TimedUnit } from "../text/timestamps/timed.ts";
import { warning } from "../warnings.ts";
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
  /** Of a recording that is recognized in parts: which of them, and where it begins. */
  readonly segment?: number;
  readonly seconds?: number;
}

export const SILENCE_GATES = ["level", "ctc", "off"] as const;

export interface RecognizeOptions extends Omit<PromptOptions, "hotwords">, HotwordRequest, DecodingOptions {
  /**
   * `full`: the language model writes the text; `ctc`: the CTC branch's draft alone (much faster).
   * For models without a language model the two are one.
   */
  readonly decoder?: "llm" | "ctc" | undefined;
  /**
   * Times by CTC forced alignment or from the predictor's alphas. `character`: of the labels, as FunASR gives them;
   * `word`: of each character of the written text (numbers as they were spoken, marks in between) and of its words.
   */
  readonly timestamps?: "none" | "token" | "word" | undefined;
  /** How the times of `word` are found, for models with a CTC branch. */
  readonly align?: AlignMethod | undefined;
  /**
   * When nothing is transcribed: `level`, the default, where the loudest 25 ms are under -70 dB of full scale; `ctc`:
   * where the CTC branch hears nothing as well; `off`: never.
   */
  readonly silenceGate?: (typeof SILENCE_GATES)[number] | undefined;
  /** How much of the audio the language model sees; the model's own rule unless said otherwise. */
  readonly lowFrameRate?: boolean | undefined;
  /** Most tokens that are generated: 512 as in the original; `auto`: as many as can be spoken in the time. */
  readonly maxNewTokens?: number | "auto" | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Text as it is written, whole characters only. A further attempt (1, 2, …) begins again. */
  readonly onToken?: ((text: string, attempt: number) => void) | undefined;
  /** The CTC branch's draft, where it runs before the language model. */
  readonly onDraft?: ((text: string) => void) | undefined;
  /** Hears every stage of the forward pass. */
  readonly hook?: Hook | undefined;
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
  readonly tokenTimes?: readonly TimedText[];
  /** Every character of the text with its place, and where that is known from (timestamps: `word`). */
  readonly characters?: readonly TimedUnit[];
  /** The words that these make. */
  readonly words?: readonly TimedUnit[];
  /** What SenseVoice hears beside words. */
  readonly tags?: SpeechTags;
  /** SenseVoice's text with its tags as emoji. */
  readonly richText?: string;
  /** The words that the language model was offered, best first; absent where none were given. */
  readonly hotwords?: readonly OfferedHotword[];
  /** What hotwords and their rules changed in the text afterwards. */
  readonly corrections?: readonly Correction[];
  /** Natural logarithm of each token's probability (with the option `logprobs`). */
  readonly logprobs?: readonly number[];
  /** Their mean, the end token's among them. */
  readonly avgLogprob?: number;
  /** Bytes of the text over those of its zlib form: above 2.4 it repeats itself. */
  readonly compressionRatio?: number;
  /** SenseVoice's probability that nothing is said. */
  readonly noSpeechProb?: number;
  /** How alike the language model's text and the CTC draft are, 0 to 1, where both are there. */
  readonly agreement?: number;
  /** What the text was sampled at; 0 is greedy. */
  readonly temperature?: number;
  /** All decodes of the language model, in order. */
  readonly attempts?: readonly Attempt[];
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

/** The result for audio without speech. */
export const emptyRecognition: Recognition = {
  text: "",
  tokens: [],
  counts: withoutPrompt(0),
  timings: {},
  warnings: [warning("silence", "there is nothing but silence")],
};

type Step = "encode" | "ctc" | "hotwords" | "adapt" | "prefill" | "generate" | "predict" | "decode" | "align";

export type Timings = { readonly [step in Step]?: number };

/** Where a given text is in the audio. */
export interface Alignment {
  readonly text: string;
  /** Every character, and the words that these make. */
  readonly characters: readonly TimedUnit[];
  readonly words: readonly TimedUnit[];
  /** What the audio was heard as. */
  readonly recognizedText: string;
  /** How alike that and the text are, 0 to 1. */
  readonly agreement: number;
  readonly timings: Timings;
  readonly warnings: readonly Warning[];
}

export type AlignRequest = AlignMethod & Pick<RecognizeOptions, "signal" | "onProgress" | "language">;

/** One of a frame's best labels. */
export interface RankedLabel {
  readonly id: number;
  /** As text; bytes that are no whole characters as U+FFFD, the blank as nothing. */
  readonly text: string;
  readonly probability: number;
}

/** What a CTC branch hears, frame by frame. */
export interface CtcResult {
  readonly text: string;
  /** The runs of labels that make the text. */
  readonly labels: readonly (TimedText & { readonly id: number })[];
  /** The best labels of every frame of 60 ms. */
  readonly frames: readonly { readonly time: number; readonly labels: readonly RankedLabel[] }[];
  readonly timings: Timings;
}

export type CtcRequest = Pick<RecognizeOptions, "signal" | "onProgress" | "hook" | "language" | "itn"> & {
  /** How many labels of each frame; 1 by default. */
  readonly topK?: number | undefined;
};

/** A lens with the words for what it reads. */
export interface TextLens extends Lens {
  /** Whether a row is a frame, whose runs of labels collapse, or a generated token. */
  readonly rows: "frames" | "tokens";
  /** What these rows say, by their best labels. */
  text(ids: readonly number[]): string;
  /** One label; empty for a blank. */
  label(id: number): string;
}

export interface Recognizer {
  /** Intermediate layers read as text, by the name of what reads them. */
  readonly lenses: { readonly [name in "llm" | "ctc"]?: TextLens };
  /** Whether there is a CTC branch. */
  readonly hasCtc: boolean;
  /** Whether it can time what it writes. */
  readonly hasTimes: boolean;
  /** Whether features must be normalized by constants of the model. */
  readonly needsCmvn: boolean;
  /** What an id of the CTC head, or of the decoder where there is none, stands for; nothing for a blank. */
  labelText(id: number): string;
  /** Runs as a job on its backend, in turns with others. Throws what `options.signal` says when it is aborted. */
  recognize(features: Features, options: RecognizeOptions): Promise<Recognition>;
  /** Where `text` is. Throws `ctc_unavailable` where the model has no times for a text that is not its own. */
  align(features: Features, text: string, options: AlignRequest): Promise<Alignment>;
  /** What the CTC branch hears. Throws `ctc_unavailable` where there is none. */
  ctc(features: Features, options: CtcRequest): Promise<CtcResult>;
  /** Frees what the recognizer holds beside the weights. */
  dispose?(): void;
}

/** Everything about a model that its recognizer needs beside the networks. */
export interface RecognizerContext {
  readonly source: string;
  readonly engine: Engine;
  readonly placement: Placement;
  readonly metadata: ReadonlyMap<string, unknown>;
}
