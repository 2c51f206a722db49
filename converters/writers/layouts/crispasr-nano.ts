/** CrispASR's single file of Fun-ASR-Nano. The tied head is written out, as its converter does. */
import { crispAsrNano as dialect } from "../../../src/checkpoints/gguf/dialects/nano-crispasr.ts";
import type { OpenModel } from "../../readers/open.ts";
import { crispAsrFile } from "./crispasr.ts";
import { ctcIsLost, rename } from "./layout.ts";
import type { KeyPair, Layout } from "./layout.ts";

const nano = "fun-asr-nano.";

const keys: readonly KeyPair[] = [
  ["funasr.n_mels", `${nano}frontend.n_mels`],
  ["funasr.lfr_m", `${nano}frontend.lfr_m`],
  ["funasr.lfr_n", `${nano}frontend.lfr_n`],
  ["funasr.sample_rate", `${nano}frontend.sample_rate`],
  ["funasr.frame_length_ms", `${nano}frontend.frame_length_ms`],
  ["funasr.frame_shift_ms", `${nano}frontend.frame_shift_ms`],
  ["funasr.d_model", `${nano}encoder.output_size`],
  ["funasr.n_heads", `${nano}encoder.attention_heads`],
  ["funasr.ffn_dim", `${nano}encoder.linear_units`],
  ["funasr.n_blocks_base", `${nano}encoder.num_blocks`],
  ["funasr.n_blocks_tp", `${nano}encoder.tp_blocks`],
  ["funasr.sanm_kernel", `${nano}encoder.kernel_size`],
  ["funasr.ada_d_in", `${nano}adaptor.encoder_dim`],
  ["funasr.ada_ffn", `${nano}adaptor.ffn_dim`],
  ["funasr.ada_d_out", `${nano}adaptor.llm_dim`],
  ["funasr.ada_n_layers", `${nano}adaptor.n_layer`],
  ["funasr.ada_n_heads", `${nano}adaptor.attention_heads`],
  ["funasr.use_low_frame_rate", `${nano}adaptor.use_low_frame_rate`],
  ["funasr.llm.n_layers", `${nano}llm.block_count`],
  ["funasr.llm.d_model", `${nano}llm.embedding_length`],
  ["funasr.llm.n_heads", `${nano}llm.head_count`],
  ["funasr.llm.n_kv_heads", `${nano}llm.head_count_kv`],
  ["funasr.llm.head_dim", `${nano}llm.head_dim`],
  ["funasr.llm.ff_dim", `${nano}llm.feed_forward_length`],
  ["funasr.llm.vocab_size", `${nano}llm.vocab_size`],
  ["funasr.llm.max_pos", `${nano}llm.context_length`],
  ["funasr.llm.rope_theta", `${nano}llm.rope_freq_base`],
  ["funasr.llm.rms_norm_eps", `${nano}llm.rms_norm_eps`],
  ["tokenizer.ggml.model", "tokenizer.ggml.model"],
  ["tokenizer.ggml.tokens", "tokenizer.ggml.tokens"],
  ["tokenizer.ggml.merges", "tokenizer.ggml.merges"],
  ["funasr.eos_token_id", "tokenizer.ggml.eos_token_id"],
  ["funasr.pad_token_id", "tokenizer.ggml.padding_token_id"],
];

export const crispAsrNano: Layout = {
  async files(model, to, wish) {
    const renamed = rename(model, keys);
    // Between the encoder's sizes and the language model's: the width within an adaptor block, a quarter of its own.
    const inner = model.tensors.get("audio_adaptor.blocks.0.feed_forward.w_1.weight")?.shape[0] ?? 0;
    const metadata = new Map([
      ["general.architecture", "funasr"] as const,
      ["general.name", wish.name ?? model.metadata.get("general.name") ?? "Fun-ASR-Nano"] as const,
      ...[...renamed].flatMap((entry) =>
        entry[0] === "funasr.ada_n_heads" ? [entry, ["funasr.ada_ffn_inner", inner] as const] : [entry],
      ),
    ]);
    const names = dialect.names({ source: model.source, metadata });
    return [crispAsrFile(withHead(model), to, { metadata, names }, wish)];
  },
  notes: ctcIsLost,
};

/** The model with its head written out. */
function withHead(model: OpenModel): OpenModel {
  const head = model.tensors.get("llm.lm_head.weight") ?? model.tensors.get("llm.model.embed_tokens.weight");
  if (head === undefined) return model;
  return { ...model, tensors: new Map([...model.tensors, ["llm.lm_head.weight", head]]) };
}
