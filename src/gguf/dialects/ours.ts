/**
 * Our own files: canonical names and keys throughout, one file per model with everything in it. Nothing to translate.
 */
import type { Dialect } from "./dialect.ts";

export const ownFunAsrNano: Dialect = {
  name: "fun-asr",
  architecture: "fun-asr-nano",
  part: "model",
  has: ["audio_encoder.encoders0.0.norm1.weight", "llm.model.embed_tokens.weight"],
  metadata: (file) => file.metadata,
  names: () => [],
};
