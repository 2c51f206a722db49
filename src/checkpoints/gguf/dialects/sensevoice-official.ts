/**
 * The official SenseVoice-Small: the state dict's own names, keys under `sv.`. Its CMVN tensors are a mistake of its
 * converter (a zero as the shift, the shift as the scale; the scale is lost), so they are dropped, and `am.mvn` has to
 * come beside it. FSMN kernels lie tap by tap (shapes.ts).
 */
import { commonKeys, frontendConstants, sizeOf, translateKeys } from "./dialect.ts";
import type { Dialect, KeyRow } from "./dialect.ts";

const keys: readonly KeyRow[] = [
  ["sv.input_size", "sensevoice.encoder.input_size"],
  ["sv.output_size", "sensevoice.encoder.output_size"],
  ["sv.attention_heads", "sensevoice.encoder.attention_heads"],
  ["sv.num_blocks", "sensevoice.encoder.num_blocks"],
  ["sv.tp_blocks", "sensevoice.encoder.tp_blocks"],
  ["sv.kernel_size", "sensevoice.encoder.kernel_size"],
  ["sv.blank_id", "sensevoice.ctc.blank_id"],
  ["sv.vocab_size", "sensevoice.vocab_size"],
  ["sv.vocab", "tokenizer.ggml.tokens"],
];

export const officialSenseVoice: Dialect = {
  name: "official SenseVoice",
  architecture: "sensevoice",
  part: "model",
  has: ["encoder.encoders0.0.norm1.weight", "encoder.tp_norm.weight", "embed.weight"],
  key: "sv.num_blocks",
  drops: ["cmvn.shift", "cmvn.scale"],
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "sensevoice"],
      ...frontendConstants("sensevoice.frontend"),
      ...translateKeys(file, keys),
      ["sensevoice.encoder.linear_units", sizeOf(file, "encoder.encoders0.0.feed_forward.w_1.bias")],
      ["tokenizer.ggml.model", "sentencepiece"],
    ]),
  names: () => [],
};
