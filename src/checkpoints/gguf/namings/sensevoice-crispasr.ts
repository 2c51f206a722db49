/**
 * CrispASR's SenseVoice-Small: short names. Files of its converter before 0.8.45 have no CMVN vectors; `am.mvn` has to be
 * given with them.
 */
import { emotionQuery, eventQuery, languageKeys, styleQueries } from "../../../configs/sensevoice-queries.ts";
import { commonKeys, constant, readKeys } from "./keys.ts";
import type { KeyRow } from "./keys.ts";
import { blockCount } from "./naming.ts";
import type { GgufNaming } from "./naming.ts";
import { frontendKeys, inputSize, senseVoiceEncoder, shortModule } from "./short-names.ts";

/** Ids of tokens and rows of the query table, as SenseVoice-Small has them. */
const ids: Readonly<Record<string, number>> = {
  sos_id: 1,
  eos_id: 2,
  ...Object.fromEntries(languageKeys),
  event_query: eventQuery,
  emo_query: emotionQuery,
  textnorm_withitn: styleQueries.withitn,
  textnorm_woitn: styleQueries.woitn,
};

const keys: readonly KeyRow[] = [
  ...frontendKeys("sensevoice.", "sensevoice.frontend."),
  ["sensevoice.d_model", "sensevoice.encoder.output_size"],
  ["sensevoice.n_heads", "sensevoice.encoder.attention_heads"],
  ["sensevoice.ffn_dim", "sensevoice.encoder.linear_units"],
  ["sensevoice.n_blocks_base", "sensevoice.encoder.num_blocks"],
  ["sensevoice.n_blocks_tp", "sensevoice.encoder.tp_blocks"],
  ["sensevoice.sanm_kernel", "sensevoice.encoder.kernel_size"],
  ["sensevoice.vocab_size", "sensevoice.vocab_size"],
  ["sensevoice.blank_id", "sensevoice.ctc.blank_id"],
  ...Object.entries(ids).map(([key, id]) => constant(`sensevoice.${key}`, id)),
  ["tokenizer.ggml.model", "tokenizer.ggml.model"],
  ["tokenizer.ggml.tokens", "tokenizer.ggml.tokens"],
];

export const crispAsrSenseVoice: GgufNaming = {
  name: "CrispASR SenseVoice",
  architecture: "sensevoice",
  fileArchitecture: "sensevoice",
  part: "model",
  has: ["sensevoice.enc.blk.0.norm1.w", "sensevoice.query_embed.w", "sensevoice.ctc.w"],
  keys,
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "sensevoice"],
      ...readKeys(file, keys),
      ["sensevoice.frontend.window", "hamming"],
      ["sensevoice.encoder.input_size", inputSize(file, "sensevoice.")],
    ]),
  names: (file) => [
    ["sensevoice.cmvn_shift", "cmvn.shift"],
    ["sensevoice.cmvn_scale", "cmvn.scale"],
    ...senseVoiceEncoder("sensevoice.enc.", "encoder.", {
      base: blockCount(file, "sensevoice.n_blocks_base"),
      timePrediction: blockCount(file, "sensevoice.n_blocks_tp"),
    }),
    ["sensevoice.query_embed.w", "embed.weight"],
    ...shortModule("sensevoice.ctc", "ctc.ctc_lo"),
  ],
};
