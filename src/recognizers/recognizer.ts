/**
 * The contract of a recognizer: a model with its tokenizers, which turns features into text. One file per architecture
 * implements it; the transcriber depends on nothing else.
 */
import type { Features } from "../frontend/options.ts";
import type { Lens } from "../models/logit-lens.ts";
import type { Engine } from "../engine/engine.ts";
import type { Placement } from "../nn/placement.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import type { AlignRequest, CtcRequest, PiecesRequest, RecognizeOptions } from "./options.ts";
import type { Alignment, CtcResult, Recognition } from "./result.ts";
import type { StepGroup } from "./step-pool.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** A lens with the vocabulary of the head that it reads with. */
export interface TextLens extends Lens {
  /** Whether a row is a frame, whose runs of labels collapse, or a generated token. */
  readonly rows: "frames" | "tokens";
  /** The text of rows with these best labels. */
  text(ids: readonly number[]): string;
  /** The text of one label; empty for a blank. */
  label(id: number): string;
}

/**
 * The methods that compute run as jobs on the model's backend, in turns with other jobs. They add their steps to `watch`, whose times are the result's
 * `timings`, and throw the reason of `options.signal` when it is aborted.
 */
export interface Recognizer {
  /** Lenses on intermediate layers, by the head that reads. */
  readonly lenses: { readonly [name in "llm" | "ctc"]?: TextLens };
  /** Whether there is a CTC branch. */
  readonly hasCtc: boolean;
  /** Whether it can time the text that it writes. */
  readonly hasTimes: boolean;
  /** Whether features must be normalized by constants of the model. */
  readonly needsCmvn: boolean;
  /** The text of a label of the CTC head, or of the decoder where there is none; empty for a blank. */
  labelText(id: number): string;
  /** The bytes of a token of a language model. Absent where there is none, and the tokens are the labels. */
  tokenBytes?(id: number): Uint8Array;
  /** `group`: of the window, where several of a recording are recognized at once. */
  recognize(
    features: Features,
    options: RecognizeOptions,
    watch: Stopwatch,
    group?: StepGroup,
  ): Promise<Recognition>;
  /** Times `text`. Throws `ctc_unavailable` where the model has no times for a text that is not its own. */
  align(features: Features, text: string, options: AlignRequest, watch: Stopwatch): Promise<Alignment>;
  /** The output of the CTC branch. Throws `ctc_unavailable` where there is none. */
  ctc(features: Features, options: CtcRequest, watch: Stopwatch): Promise<CtcResult>;
  /**
   * The text of the CTC branch, or of the decoder of a model that has nothing else, in pieces with their times: what can be
   * had again and again while an utterance grows. Throws `ctc_unavailable` where only a language model writes texts, which
   * then has no times either.
   */
  pieces(features: Features, options: PiecesRequest, watch: Stopwatch): Promise<readonly TimedText[]>;
  /**
   * Bytes that the text of a window of `seconds` takes while it is generated. Absent, or undefined by the options or the
   * backend, where several windows at once save nothing.
   */
  sharedBytes?(seconds: number, options: RecognizeOptions): Promise<number | undefined>;
  /** Frees what the recognizer holds in addition to the weights. */
  dispose?(): void;
}

/** Everything about a model that its recognizer needs in addition to the networks. */
export interface RecognizerContext {
  readonly source: string;
  readonly engine: Engine;
  readonly placement: Placement;
  readonly metadata: ReadonlyMap<string, unknown>;
}
