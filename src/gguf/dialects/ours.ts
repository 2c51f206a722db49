/**
 * Our own files: canonical names and keys throughout, one file per model with everything in it. Nothing to translate.
 */
import type { Dialect } from "./dialect.ts";

const canonical = {
  name: "fun-asr",
  part: "model",
  metadata: (file) => file.metadata,
  names: () => [],
} satisfies Partial<Dialect>;

export const ownFunAsrNano: Dialect = {
  ...canonical,
  architecture: "fun-asr-nano",
  has: ["audio_encoder.encoders0.0.norm1.weight", "llm.model.embed_tokens.weight"],
};

export const ownParaformer: Dialect = {
  ...canonical,
  architecture: "paraformer",
  has: ["encoder.encoders0.0.norm1.weight", "predictor.cif_conv1d.weight"],
  key: "paraformer.encoder.output_size",
};

export const ownSenseVoice: Dialect = {
  ...canonical,
  architecture: "sensevoice",
  has: ["encoder.encoders0.0.norm1.weight", "ctc.ctc_lo.weight", "embed.weight"],
  key: "sensevoice.encoder.output_size",
};
