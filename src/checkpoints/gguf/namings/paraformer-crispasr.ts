/**
 * CrispASR's Paraformer: short names, the architecture string of the official files. Thresholds are constants of its
 * program; the decoder's embedding, which only training needs, is not read. Its quantizer writes the alpha head
 * without the dimension of 1 (shapes.ts).
 */
import { commonKeys, computed, constant, readKeys, requiredValue } from "./keys.ts";
import type { KeyRow, Model } from "./keys.ts";
import { blockCount, repeat, under } from "./naming.ts";
import type { GgufNaming, NamePair } from "./naming.ts";
import { predictorConstants } from "./paraformer-official.ts";
import { frontendKeys, inputSize, sanmLayer, shortModule } from "./short-names.ts";

const numberOf = (model: Model, key: string): number => Number(requiredValue(model, `paraformer.${key}`));

const keys: readonly KeyRow[] = [
  ...frontendKeys("paraformer.", "paraformer.frontend."),
  ["paraformer.d_model", "paraformer.encoder.output_size"],
  ["paraformer.n_heads", "paraformer.encoder.attention_heads"],
  ["paraformer.ffn_dim", "paraformer.encoder.linear_units"],
  constant("paraformer.n_enc_blocks0", 1),
  computed("paraformer.n_enc_blocks", (model) => numberOf(model, "encoder.num_blocks") - 1),
  ["paraformer.sanm_kernel", "paraformer.encoder.kernel_size"],
  ["paraformer.n_dec_blocks", "paraformer.decoder.num_blocks"],
  ["paraformer.dec_ffn_dim", "paraformer.decoder.linear_units"],
  computed(
    "paraformer.cif_conv_kernel",
    (model) => 1 + numberOf(model, "predictor.l_order") + numberOf(model, "predictor.r_order"),
  ),
  ["paraformer.vocab_size", "paraformer.vocab_size"],
  ["tokenizer.tokens", "tokenizer.ggml.tokens"],
];

/** Values that the file states once for encoder and decoder, or for two keys of the decoder. */
const sharedKeys: readonly KeyRow[] = [
  ["paraformer.n_heads", "paraformer.decoder.attention_heads"],
  ["paraformer.n_dec_blocks", "paraformer.decoder.att_layer_num"],
  ["paraformer.sanm_kernel", "paraformer.decoder.kernel_size"],
];

/** The last layer, `decoders3.0`: no bias in the second matrix, a norm between the two. */
const feedForwardLayer: readonly NamePair[] = [
  ...shortModule("norm1", "norm1"),
  ...shortModule("ffn.l1", "feed_forward.w_1"),
  ...shortModule("ffn.norm", "feed_forward.norm"),
  ["ffn.l2.w", "feed_forward.w_2.weight"],
];

/** In the order of the file. The norms have their numbers of the state dict: 1 of the feed-forward, 2 of the memory, 3 of the attention. */
const decoderLayer: readonly NamePair[] = [
  ...shortModule("norm1", "norm1"),
  ["fsmn.w", "self_attn.fsmn_block.weight"],
  ...shortModule("norm2", "norm2"),
  ...shortModule("cross.q", "src_attn.linear_q"),
  ...shortModule("cross.kv", "src_attn.linear_k_v"),
  ...shortModule("cross.out", "src_attn.linear_out"),
  ...shortModule("norm3", "norm3"),
  ...shortModule("ffn.l1", "feed_forward.w_1"),
  ...shortModule("ffn.norm", "feed_forward.norm"),
  ["ffn.l2.w", "feed_forward.w_2.weight"],
];

export const crispAsrParaformer: GgufNaming = {
  name: "CrispASR Paraformer",
  architecture: "paraformer",
  fileArchitecture: "paraformer",
  part: "model",
  has: ["paraformer.enc0.blk.0.norm1.w", "paraformer.cif.out.w"],
  unusedTensors: [["paraformer.dec.embed.w", "decoder.embed.0.weight"]],
  keys,
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "paraformer"],
      ...readKeys(file, [...keys, ...sharedKeys]),
      ["paraformer.frontend.window", "hamming"],
      ["paraformer.encoder.input_size", inputSize(file, "paraformer.")],
      ["paraformer.encoder.num_blocks", 1 + blockCount(file, "paraformer.n_enc_blocks")],
      ["paraformer.predictor.threshold", 1],
      ["paraformer.predictor.tail_threshold", Math.fround(0.45)],
      ...predictorConstants,
      ["paraformer.decoder.sanm_shift", 0],
      ["tokenizer.ggml.model", "char"],
    ]),
  names: (file) => [
    ["paraformer.cmvn_shift", "cmvn.shift"],
    ["paraformer.cmvn_scale", "cmvn.scale"],
    ...under("paraformer.enc0.blk.0.", "encoder.encoders0.0.", sanmLayer),
    ...repeat(blockCount(file, "paraformer.n_enc_blocks"), (i) =>
      under(`paraformer.enc.blk.${i}.`, `encoder.encoders.${i}.`, sanmLayer),
    ),
    ...shortModule("paraformer.enc.after_norm", "encoder.after_norm"),
    ...shortModule("paraformer.cif.conv", "predictor.cif_conv1d"),
    ...shortModule("paraformer.cif.out", "predictor.cif_output"),
    ...repeat(blockCount(file, "paraformer.n_dec_blocks"), (i) =>
      under(`paraformer.dec.blk.${i}.`, `decoder.decoders.${i}.`, decoderLayer),
    ),
    ...under("paraformer.dec.post.", "decoder.decoders3.0.", feedForwardLayer),
    ...shortModule("paraformer.dec.after_norm", "decoder.after_norm"),
    ...shortModule("paraformer.dec.output", "decoder.output_layer"),
  ],
};
