/** What a caller of `transcribe` and its siblings gives and gets. */
import type { Format } from "../../kernels/formats/table.ts";
import type { AudioInput } from "../audio/container.ts";
import type { FrontendVariant } from "../frontend/variants.ts";
import type {
  Alignment,
  AlignRequest,
  CtcResult,
  CtcRequest,
  Features,
  Recognition,
  RecognizeOptions,
  Timings,
} from "../recognizers/recognizer.ts";
import type { BackendName } from "../nn/backend.ts";
import type { PartialResult } from "../longform/events.ts";
import type { ChunkOptions } from "../longform/plan.ts";
import type { Join, Segment } from "../longform/segment.ts";
import type { Warning } from "../warnings.ts";

export interface ModelInfo {
  readonly source: string;
  readonly architecture: string;
  /** Which container and naming the file came in. */
  readonly dialect: string;
  readonly backend: BackendName;
  /** Where the language model computes, if there is one. */
  readonly llm: BackendName;
  /** The coarsest format among the weight matrices. */
  readonly weightFormat: Format;
  /** Whether the checkpoint has a CTC branch, which drafts and timestamps need. */
  readonly ctc: boolean;
  /** Whether it can time what it writes. */
  readonly times: boolean;
}

/** What can be transcribed: anything that holds audio, or features that were made elsewhere. */
export type TranscribeInput = AudioInput | { readonly features: Features };

/** Features that are ready, as against audio. */
export function isFeatures(input: TranscribeInput): input is { readonly features: Features } {
  return typeof input === "object" && (input as object | null) !== null && "features" in input;
}

/** How audio becomes features. */
export interface FeatureOptions {
  /** How features are made: as the original does (Kaldi), or as a port that a model was exported for. */
  readonly frontend?: FrontendVariant | undefined;
  /**
   * Whether features are normalized by the model's constants, if it has any: as the original does (`file`), or `off`
   * as some ports do with SenseVoice.
   */
  readonly cmvn?: "file" | "off" | undefined;
}

export interface TranscribeOptions extends RecognizeOptions, FeatureOptions {
  /** How recordings are cut that are longer than one window; `off` recognizes any length at once. */
  readonly chunk?: ChunkOptions | "off" | undefined;
  /** Seconds of the recording to begin at, and how many to transcribe. */
  readonly start?: number | undefined;
  readonly duration?: number | undefined;
  /** Hears each segment as soon as it is final. */
  readonly onSegment?: ((segment: Segment) => void) | undefined;
  /** Hears what is written of a part while it is still being recognized. */
  readonly onPartial?: ((partial: PartialResult) => void) | undefined;
}

export interface StreamOptions extends TranscribeOptions {
  /** Whether partial results are yielded between the segments. */
  readonly partials?: boolean | undefined;
}

export type AlignOptions = AlignRequest & FeatureOptions;
export type CtcOptions = CtcRequest & FeatureOptions;
export type PassOptions = FeatureOptions & Pick<RecognizeOptions, "signal" | "hook">;

/** Milliseconds by step, those before the model included. */
export type StepTimings = Timings & { readonly audio?: number; readonly features?: number };

/** A result with what the whole way from the audio took. */
export type Measured<Result> = Omit<Result, "timings" | "warnings"> & {
  /** Seconds of audio, or up to where it was read; unknown for ready features. */
  readonly duration: number | undefined;
  /** Milliseconds by step. */
  readonly timings: StepTimings & { readonly total: number };
  readonly warnings: readonly Warning[];
};

export type Transcription = Measured<Recognition> & {
  /** What was recognized on its own, in order: one for a short recording, none for silence. */
  readonly segments: readonly Segment[];
  /** Where speech had to be cut. */
  readonly joins: readonly Join[];
};

/** A result before its total time is known. */
export type Untimed = Omit<Transcription, "timings"> & { readonly timings: StepTimings };

export type AlignedText = Measured<Alignment>;
export type CtcDraft = Measured<CtcResult>;
