/**
 * Our own files: canonical names and keys throughout, one file per model with everything in it. Nothing to translate.
 */
import type { Dialect } from "./dialect.ts";

type Landmarks = Pick<Dialect, "has" | "key">;

const own = (architecture: string, landmarks: Landmarks): Dialect => ({
  name: "fun-asr",
  architecture,
  part: "model",
  ...landmarks,
  metadata: (file) => file.metadata,
  names: () => [],
});

export const ownFunAsrNano = own("fun-asr-nano", {
  has: ["audio_encoder.encoders0.0.norm1.weight", "llm.model.embed_tokens.weight"],
});

export const ownParaformer = own("paraformer", {
  has: ["encoder.encoders0.0.norm1.weight", "predictor.cif_output.weight"],
  key: "paraformer.encoder.num_blocks",
});

export const ownSenseVoice = own("sensevoice", {
  has: ["encoder.encoders0.0.norm1.weight", "encoder.tp_norm.weight"],
  key: "sensevoice.encoder.num_blocks",
});
