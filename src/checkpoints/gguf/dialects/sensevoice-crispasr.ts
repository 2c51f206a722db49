/**
 * CrispASR's SenseVoice-Small: short names. It has no CMVN vectors; `am.mvn` has to come beside it.
 */
import { blockCount, commonKeys, translateKeys } from "./dialect.ts";
import type { Dialect, KeyRow } from "./dialect.ts";
import { frontendKeys, inputSize, senseVoiceEncoder, shortModule } from "./short-names.ts";

const keys: readonly KeyRow[] = [
  ...frontendKeys("sensevoice.", "sensevoice.frontend."),
  ["sensevoice.d_model", "sensevoice.encoder.output_size"],
  ["sensevoice.n_heads", "sensevoice.encoder.attention_heads"],
  ["sensevoice.ffn_dim", "sensevoice.encoder.linear_units"],
  ["sensevoice.n_blocks_base", "sensevoice.encoder.num_blocks"],
  ["sensevoice.n_blocks_tp", "sensevoice.encoder.tp_blocks"],
  ["sensevoice.sanm_kernel", "sensevoice.encoder.kernel_size"],
  ["sensevoice.blank_id", "sensevoice.ctc.blank_id"],
  ["sensevoice.vocab_size", "sensevoice.vocab_size"],
  ["tokenizer.ggml.model", "tokenizer.ggml.model"],
  ["tokenizer.ggml.tokens", "tokenizer.ggml.tokens"],
];

export const crispAsrSenseVoice: Dialect = {
  name: "CrispASR SenseVoice",
  architecture: "sensevoice",
  part: "model",
  has: ["sensevoice.enc.blk.0.norm1.w", "sensevoice.query_embed.w", "sensevoice.ctc.w"],
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "sensevoice"],
      ...translateKeys(file, keys),
      ["sensevoice.frontend.window", "hamming"],
      ["sensevoice.encoder.input_size", inputSize(file, "sensevoice.")],
    ]),
  names: (file) => [
    ...senseVoiceEncoder("sensevoice.enc.", "encoder.", {
      base: blockCount(file, "sensevoice.n_blocks_base"),
      timePrediction: blockCount(file, "sensevoice.n_blocks_tp"),
    }),
    ["sensevoice.query_embed.w", "embed.weight"],
    ...shortModule("sensevoice.ctc", "ctc.ctc_lo"),
  ],
};
