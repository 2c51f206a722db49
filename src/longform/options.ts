/** What a caller can ask of the transcription of a whole recording. */
import type { FeatureOptions } from "../frontend/options.ts";
import type { RecognizeOptions } from "../recognizers/options.ts";
import type { PartialResult, Segment } from "./result.ts";
import type { WindowStore } from "./window-store.ts";

export const CUT_KINDS = ["quiet", "fixed", "ctc-blank", "vad"] as const;

export interface ChunkOptions {
  /** The length of the longest window, in seconds; by default what the model's file recommends, else 30. */
  readonly seconds?: number | undefined;
  /** Seconds that two windows share where speech has to be cut; by default what the model's file recommends, else 2. */
  readonly overlap?: number | undefined;
  /**
   * Seconds of quiet that always end a window; by default what the model's file recommends, else 0.8. Where it is given
   * here or in the file, recordings that fit into one window are cut at pauses, too. Not for `fixed`.
   */
  readonly pause?: number | undefined;
  /**
   * Where to cut: at quiet moments, after fixed lengths, where the CTC branch finds no label, or where FSMN-VAD finds no
   * speech (the default where a model was loaded with it).
   */
  readonly cut?: (typeof CUT_KINDS)[number] | undefined;
}

export interface TranscribeOptions extends RecognizeOptions, FeatureOptions {
  /** How recordings are cut that are longer than one window, or have pauses; `off` recognizes any length in one pass. */
  readonly chunk?: ChunkOptions | "off" | undefined;
  /** Seconds of the recording to begin at. */
  readonly start?: number | undefined;
  /** Seconds of the recording to transcribe. */
  readonly duration?: number | undefined;
  /**
   * How many windows of a recording that is cut are recognized at once, 1 by default. They share the language model's steps,
   * and their results are those of one at a time, in order; callbacks for the windows come as these progress. No text goes on
   * while the audio of another window is encoded. From 5 windows on fewer tokens are drafted: `counts` has more steps then.
   * `auto`: up to 8, in half of the available memory. One at a time where that saves nothing: models without a language model, backends
   * other than `wasm` and `cpu`, the decoder `ctc`, and with a hook.
   */
  readonly parallel?: number | "auto" | undefined;
  /**
   * Keeps the recognition of each window of a recording that is cut. A further call with the same store, model and options
   * takes them from there, without progress, partial results and hooks, and has the same result.
   */
  readonly windows?: WindowStore | undefined;
  /** Called with each segment as soon as it is final. */
  readonly onSegment?: ((segment: Segment) => void) | undefined;
  /** Called with the text of a window while it is still being recognized. */
  readonly onPartial?: ((partial: PartialResult) => void) | undefined;
}

export interface StreamOptions extends TranscribeOptions {
  /** Whether partial results are yielded between the segments. */
  readonly partials?: boolean | undefined;
}
