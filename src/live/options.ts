/** What a caller can ask of live recognition. */
import type { FeatureOptions } from "../frontend/options.ts";
import type { ChunkOptions } from "../longform/options.ts";
import type { RecognizeOptions } from "../recognizers/options.ts";

/** Where utterances end; the names are those of recordings that are cut. */
export interface EndpointOptions extends Pick<ChunkOptions, "seconds" | "pause"> {
  /** What finds speech: the level, or FSMN-VAD (the default where the model was loaded with it). */
  readonly cut?: "quiet" | "vad" | undefined;
}

export interface ListenOptions
  extends Omit<RecognizeOptions, "hook" | "onProgress" | "onToken" | "onDraft">, FeatureOptions {
  /** The longest utterance, and the pause that ends one. */
  readonly chunk?: EndpointOptions | undefined;
  /**
   * What the final text of an utterance is: that of the model for the whole utterance (`model`, the default), or that of the
   * partials, read to its end (`draft`): it comes sooner, for less work, and begins with all that was stable. It has no times.
   */
  readonly final?: "model" | "draft" | undefined;
  /** Seconds of audio from one partial text to the next, 0.32 by default. */
  readonly tick?: number | undefined;
}
