/** How audio becomes features, and what features are. */
import type { Matrix } from "./fbank.ts";
import type { FrontendVariant } from "./variants.ts";

/** Feature rows [frames, width] of one utterance. */
export type Features = Matrix;

export interface FeatureOptions {
  /** How features are made: as the original does (`kaldi`, the default), or as a port that a model was exported for. */
  readonly frontend?: FrontendVariant | undefined;
  /**
   * Whether features are normalized by the model's constants, if it has any: as the original does (`file`, the default),
   * or `off`, as some ports do with SenseVoice.
   */
  readonly cmvn?: "file" | "off" | undefined;
}
