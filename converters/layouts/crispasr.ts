/**
 * CrispASR's single file of Fun-ASR-Nano: its names, keys in its order, F16 for every tensor of two dimensions, and
 * its rule for what a quantised file quantises. The tied head is written out, as its converter does.
 */
import type { Format } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoint.ts";
import { crispAsrNano } from "../../src/gguf/dialects/nano-crispasr.ts";
import { typed } from "../metadata.ts";
import { ctcIsLost, demandNano, fits, rename, ruled } from "./layout.ts";
import type { KeyPair, LaidTensor, Layout } from "./layout.ts";

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

export const crispAsr: Layout = {
  async files(model, to, { type, rules, name }) {
    demandNano(model, "crispasr");
    const renamed = rename(model, keys);
    // Between the encoder's sizes and the language model's: the width within an adaptor block, a quarter of its own.
    const inner = model.tensors.get("audio_adaptor.blocks.0.feed_forward.w_1.weight")?.shape[0] ?? 0;
    const metadata = new Map([
      ["general.architecture", "funasr"] as const,
      ["general.name", name ?? model.metadata.get("general.name") ?? "Fun-ASR-Nano"] as const,
      ...[...renamed].flatMap((entry) =>
        entry[0] === "funasr.ada_n_heads" ? [entry, ["funasr.ada_ffn_inner", inner] as const] : [entry],
      ),
    ]);
    const names = crispAsrNano.names({ source: model.source, metadata });
    const tensors = names.map(([foreign, canonical]): LaidTensor => {
      const source = canonical === "llm.lm_head.weight" ? "llm.model.embed_tokens.weight" : canonical;
      const entry = (model.tensors.get(canonical) ?? model.tensors.get(source)) as TensorEntry;
      return {
        canonical,
        entry: { ...entry, name: foreign },
        format: ruled(canonical, entry, usual(foreign, entry, type ?? "F16"), rules),
      };
    });
    return [{ path: to, metadata: typed(metadata), tensors }];
  },
  notes: ctcIsLost,
};

/** Rows that a K format does not divide, and what is taken for it. */
const narrower: Readonly<Partial<Record<Format, Format>>> = { Q4_K: "Q4_0", Q5_K: "Q5_0", Q6_K: "Q8_0" };

function usual(foreign: string, entry: TensorEntry, type: Format): Format {
  if (entry.shape.length < 2) return "F32";
  if (foreign.includes("norm")) return "F16";
  const wanted = [type, narrower[type] ?? type];
  return wanted.find((format) => fits(entry, format)) ?? "F16";
}
