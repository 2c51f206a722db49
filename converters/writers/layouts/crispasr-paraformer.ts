/** CrispASR's Paraformer. The target text's embedding, which only training needs, is written where the source has it. */
import { crispAsrParaformer as dialect } from "../../../src/checkpoints/gguf/dialects/paraformer-crispasr.ts";
import { crispAsrFile } from "./crispasr.ts";
import { rename, timeHeadIsLost, valueOf } from "./layout.ts";
import type { KeyPair, Layout } from "./layout.ts";

const keys: readonly KeyPair[] = [
  ["paraformer.n_mels", "paraformer.frontend.n_mels"],
  ["paraformer.lfr_m", "paraformer.frontend.lfr_m"],
  ["paraformer.lfr_n", "paraformer.frontend.lfr_n"],
  ["paraformer.sample_rate", "paraformer.frontend.sample_rate"],
  ["paraformer.frame_length_ms", "paraformer.frontend.frame_length_ms"],
  ["paraformer.frame_shift_ms", "paraformer.frontend.frame_shift_ms"],
  ["paraformer.d_model", "paraformer.encoder.output_size"],
  ["paraformer.n_heads", "paraformer.encoder.attention_heads"],
  ["paraformer.ffn_dim", "paraformer.encoder.linear_units"],
  ["paraformer.n_enc_blocks0", 1],
];

export const crispAsrParaformer: Layout = {
  async files(model, to, wish) {
    const value = (key: string): number => Number(valueOf(model, `paraformer.${key}`));
    const metadata = new Map([
      ["general.architecture", "paraformer"] as const,
      ["general.name", wish.name ?? model.metadata.get("general.name") ?? "Paraformer-zh"] as const,
      ...rename(model, keys),
      ["paraformer.n_enc_blocks", value("encoder.num_blocks") - 1] as const,
      ["paraformer.sanm_kernel", value("encoder.kernel_size")] as const,
      ["paraformer.n_dec_blocks", value("decoder.num_blocks")] as const,
      ["paraformer.dec_ffn_dim", value("decoder.linear_units")] as const,
      ["paraformer.cif_conv_kernel", 1 + value("predictor.l_order") + value("predictor.r_order")] as const,
      ["paraformer.vocab_size", value("vocab_size")] as const,
      ["tokenizer.tokens", valueOf(model, "tokenizer.ggml.tokens")] as const,
    ]);
    const names = [
      ...dialect.names({ source: model.source, metadata }),
      ["paraformer.dec.embed.w", "decoder.embed.0.weight"] as const,
    ];
    return [crispAsrFile(model, to, { metadata, names }, wish)];
  },
  notes: timeHeadIsLost,
};
