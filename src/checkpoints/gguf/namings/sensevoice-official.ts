/**
 * The official SenseVoice-Small: the state dict's own names, keys under `sv.`. Its converter writes the wrong CMVN
 * tensors (a zero as the shift, the shift as the scale; the scale is lost), so they are not read, and `am.mvn` has to
 * be given with the file. FSMN kernels are stored tap by tap (shapes.ts).
 */
import { commonKeys, constant, frontendConstants, readKeys } from "./keys.ts";
import type { KeyRow } from "./keys.ts";
import { sizeOf } from "./naming.ts";
import type { GgufNaming } from "./naming.ts";

/** Language auto, event, emotion, with inverse text normalization. */
const queryTokens = [0, 1, 2, 14];

const keys: readonly KeyRow[] = [
  ["sv.input_size", "sensevoice.encoder.input_size"],
  ["sv.output_size", "sensevoice.encoder.output_size"],
  ["sv.attention_heads", "sensevoice.encoder.attention_heads"],
  ["sv.num_blocks", "sensevoice.encoder.num_blocks"],
  ["sv.tp_blocks", "sensevoice.encoder.tp_blocks"],
  ["sv.kernel_size", "sensevoice.encoder.kernel_size"],
  ["sv.vocab_size", "sensevoice.vocab_size"],
  ["sv.blank_id", "sensevoice.ctc.blank_id"],
  constant("sv.query_tokens", queryTokens),
  ["sv.vocab", "tokenizer.ggml.tokens"],
];

export const officialSenseVoice: GgufNaming = {
  name: "official SenseVoice",
  architecture: "sensevoice",
  fileArchitecture: "sensevoice-small",
  part: "model",
  has: ["encoder.encoders0.0.norm1.weight", "encoder.tp_norm.weight", "embed.weight"],
  key: "sv.num_blocks",
  unusedTensors: [
    ["cmvn.shift", "cmvn.shift"],
    ["cmvn.scale", "cmvn.scale"],
  ],
  keys,
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "sensevoice"],
      ...frontendConstants("sensevoice.frontend"),
      ...readKeys(file, keys),
      ["sensevoice.encoder.linear_units", sizeOf(file, "encoder.encoders0.0.feed_forward.w_1.bias")],
      ["tokenizer.ggml.model", "sentencepiece"],
    ]),
  names: () => [],
};
