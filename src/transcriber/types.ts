/** What a caller of a transcriber gives and gets, in addition to the options and results of a transcription. */
import type { Format } from "../../kernels/formats/table.ts";
import type { HookOptions } from "../activations/run-with-hooks.ts";
import type { Activation } from "../activations/recorder.ts";
import type { AudioInput } from "../audio/container.ts";
import type { GgufSource } from "../checkpoints/gguf/index.ts";
import type { EngineChoice } from "../engine/shared.ts";
import type { FeatureOptions, Features } from "../frontend/options.ts";
import type { TranscribeOptions } from "../longform/options.ts";
import type { Measured, TotalTimings, Transcription } from "../longform/result.ts";
import type { BackendName } from "../nn/backend.ts";
import type { BytesInput } from "../platform/open-source.ts";
import type { AlignRequest, CtcRequest, Progress } from "../recognizers/options.ts";
import type { Alignment, CtcResult } from "../recognizers/result.ts";
import type { Warning } from "../warnings.ts";

/** Models with equal settings of `backend`, `threads` and `tensorflow` share an engine. */
export interface LoadOptions extends EngineChoice {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The model's am.mvn file, for a Paraformer or SenseVoice checkpoint without those constants. */
  readonly amMvn?: BytesInput | undefined;
  /** An FSMN-VAD in any container: long recordings are then cut where it finds no speech. */
  readonly vad?: ModelSource | undefined;
  /** A CT-Transformer in any container: it puts marks in the text, for models that write none. */
  readonly punctuation?: ModelSource | undefined;
}

/** A model file, the name of an installed model, or the files that make up one (the official release keeps audio encoder and LLM apart). */
export type ModelSource = GgufSource | readonly GgufSource[];

export interface ModelInfo {
  readonly source: string;
  readonly architecture: string;
  /** The container and the naming scheme of the file. */
  readonly naming: string;
  readonly backend: BackendName;
  /** Where the language model computes, if there is one. */
  readonly llm: BackendName;
  /** The coarsest format among the weight matrices. */
  readonly weightFormat: Format;
  /** Whether the checkpoint has a CTC branch, which drafts and timestamps need. */
  readonly ctc: boolean;
  /** Whether it can time the text that it writes. */
  readonly times: boolean;
}

/** What can be transcribed: audio of any kind, or features that were made elsewhere. */
export type TranscribeInput = AudioInput | { readonly features: Features };

/** Features that are ready, not audio. */
export function isFeatures(input: TranscribeInput): input is { readonly features: Features } {
  return typeof input === "object" && (input as object | null) !== null && "features" in input;
}

export type AlignOptions = AlignRequest & FeatureOptions;
export type CtcOptions = CtcRequest & FeatureOptions;

export interface AlignedText extends Alignment, Measured {
  readonly timings: TotalTimings;
  readonly warnings: readonly Warning[];
}

export interface CtcDraft extends CtcResult, Measured {
  readonly timings: TotalTimings;
}

/** One transcription with access to its forward pass: a single pass, however long the recording is. */
export interface RunOptions extends Omit<TranscribeOptions, "chunk" | "hook">, HookOptions {}

export interface Run {
  /** What was captured and not passed to `sink`, in the order of the forward pass. */
  readonly stages: ReadonlyMap<string, Activation>;
  /** Absent where the pass was stopped. */
  readonly transcription: Transcription | undefined;
}
