/**
 * CrispASR's Paraformer: short names, the architecture string of the official files. Thresholds are constants of its
 * program; the decoder's embedding, which only training needs, is dropped. Its quantizer writes the alpha head without its dimension of 1 (shapes.ts).
 */
import { blockCount, commonKeys, repeat, translateKeys, under } from "./dialect.ts";
import type { Dialect, KeyRow, NamePair } from "./dialect.ts";
import { predictorConstants } from "./paraformer-official.ts";
import { frontendKeys, inputSize, sanmLayer, shortModule } from "./short-names.ts";

const keys: readonly KeyRow[] = [
  ...frontendKeys("paraformer.", "paraformer.frontend."),
  ["paraformer.d_model", "paraformer.encoder.output_size"],
  ["paraformer.n_heads", "paraformer.encoder.attention_heads"],
  ["paraformer.ffn_dim", "paraformer.encoder.linear_units"],
  ["paraformer.sanm_kernel", "paraformer.encoder.kernel_size"],
  ["paraformer.n_heads", "paraformer.decoder.attention_heads"],
  ["paraformer.dec_ffn_dim", "paraformer.decoder.linear_units"],
  ["paraformer.n_dec_blocks", "paraformer.decoder.num_blocks"],
  ["paraformer.n_dec_blocks", "paraformer.decoder.att_layer_num"],
  ["paraformer.sanm_kernel", "paraformer.decoder.kernel_size"],
  ["paraformer.vocab_size", "paraformer.vocab_size"],
  ["tokenizer.tokens", "tokenizer.ggml.tokens"],
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

export const crispAsrParaformer: Dialect = {
  name: "CrispASR Paraformer",
  architecture: "paraformer",
  part: "model",
  has: ["paraformer.enc0.blk.0.norm1.w", "paraformer.cif.out.w"],
  drops: ["paraformer.dec.embed.w"],
  metadata: (file) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "paraformer"],
      ...translateKeys(file, keys),
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
