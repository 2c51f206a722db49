/**
 * The official Paraformer (FunAudioLLM/Paraformer-GGUF): the state dict's own names, keys under `pf.`. Our files have
 * the same names, so `pf.enc.num_blocks` distinguishes them. What model.pt's config.yaml states and the file does not
 * are constants of paraformer-zh; widths follow from shapes. FSMN kernels are stored tap by tap (shapes.ts).
 */
import type { MetadataValue } from "../../checkpoint.ts";
import type { GgufFile } from "../file.ts";
import { commonKeys, constant, frontendConstants, readKeys } from "./keys.ts";
import type { KeyRow } from "./keys.ts";
import { sizeOf } from "./naming.ts";
import type { GgufNaming } from "./naming.ts";

const keys: readonly KeyRow[] = [
  ["pf.enc.output_size", "paraformer.encoder.output_size"],
  ["pf.enc.attention_heads", "paraformer.encoder.attention_heads"],
  ["pf.enc.num_blocks", "paraformer.encoder.num_blocks"],
  ["pf.enc.kernel_size", "paraformer.encoder.kernel_size"],
  ["pf.dec.num_blocks", "paraformer.decoder.num_blocks"],
  ["pf.dec.att_layer_num", "paraformer.decoder.att_layer_num"],
  constant("pf.dec.decoders3", 1),
  ["pf.dec.attention_heads", "paraformer.decoder.attention_heads"],
  ["pf.dec.kernel_size", "paraformer.decoder.kernel_size"],
  ["pf.vocab_size", "paraformer.vocab_size"],
  ["pf.vocab", "tokenizer.ggml.tokens"],
  ["pf.predictor.tail_threshold", "paraformer.predictor.tail_threshold"],
  ["pf.predictor.threshold", "paraformer.predictor.threshold"],
];

export const officialParaformer: GgufNaming = {
  name: "official Paraformer",
  architecture: "paraformer",
  fileArchitecture: "paraformer",
  part: "model",
  has: ["encoder.encoders0.0.norm1.weight", "predictor.cif_output.weight"],
  key: "pf.enc.num_blocks",
  keys,
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "paraformer"],
      ...frontendConstants("paraformer.frontend"),
      ...readKeys(file, keys),
      ["paraformer.encoder.input_size", sizeOf(file, "encoder.encoders0.0.norm1.weight")],
      ["paraformer.encoder.linear_units", sizeOf(file, "encoder.encoders0.0.feed_forward.w_1.bias")],
      ...predictorConstants,
      ...timeHeadConstants(file),
      ["paraformer.decoder.linear_units", sizeOf(file, "decoder.decoders.0.feed_forward.w_1.bias")],
      ["paraformer.decoder.sanm_shift", 0],
      ["tokenizer.ggml.model", "char"],
    ]),
  names: () => [],
};

/**
 * The exporter keeps the second head of BiCif's and SeACo's predictor without its settings: those of the published
 * models, but for the number of rows, which is the width of its kernel.
 */
function timeHeadConstants(file: GgufFile): [string, MetadataValue][] {
  const rows = file.tensors.get("predictor.upsample_cnn.weight")?.shape[2];
  if (rows === undefined) return [];
  return [
    ["paraformer.predictor.upsample_times", rows],
    ["paraformer.predictor.smooth_factor2", 0.25],
    ["paraformer.predictor.noise_threshold2", Math.fround(0.01)],
  ];
}

/** The alpha head of paraformer-zh beyond its two thresholds. */
export const predictorConstants = [
  ["paraformer.predictor.l_order", 1],
  ["paraformer.predictor.r_order", 1],
  ["paraformer.predictor.smooth_factor", 1],
  ["paraformer.predictor.noise_threshold", 0],
] as const;
