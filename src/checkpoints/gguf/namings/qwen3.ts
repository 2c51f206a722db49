/**
 * Qwen3 as llama.cpp names it: the stock conversion, which the official release ships as the second of its two files,
 * Fun-ASR-GGUF as its decoder, and CrispASR within its single file. Query and key rows are not permuted for Qwen3.
 * A file without `output.weight` has a tied head.
 */
import type { GgufFile } from "../file.ts";
import { commonKeys, constant, onlyRead, readKeys, writtenFrom } from "./keys.ts";
import type { KeyRow } from "./keys.ts";
import { blockCount, repeat, sizeOf, under } from "./naming.ts";
import type { GgufNaming, NamePair } from "./naming.ts";

/** llama.cpp's converter does not write it: the embedding has as many rows. */
const vocabSize = "qwen3.vocab_size";

const keys: readonly KeyRow[] = [
  ["qwen3.block_count", "fun-asr-nano.llm.block_count"],
  ["qwen3.context_length", "fun-asr-nano.llm.context_length"],
  ["qwen3.embedding_length", "fun-asr-nano.llm.embedding_length"],
  ["qwen3.feed_forward_length", "fun-asr-nano.llm.feed_forward_length"],
  ["qwen3.attention.head_count", "fun-asr-nano.llm.head_count"],
  ["qwen3.attention.head_count_kv", "fun-asr-nano.llm.head_count_kv"],
  ["qwen3.rope.freq_base", "fun-asr-nano.llm.rope_freq_base"],
  ["qwen3.attention.layer_norm_rms_epsilon", "fun-asr-nano.llm.rms_norm_eps"],
  ["qwen3.attention.key_length", "fun-asr-nano.llm.head_dim"],
  writtenFrom("qwen3.attention.value_length", "fun-asr-nano.llm.head_dim"),
  // what Qwen3 is not, and llama.cpp has keys for
  onlyRead(writtenFrom("qwen3.rope.dimension_count", "fun-asr-nano.llm.head_dim")),
  onlyRead(constant("qwen3.rope.scaling.type", "none")),
  onlyRead(constant("qwen3.rope.scaling.factor", 1)),
  onlyRead(constant("qwen3.attention.causal", true)),
  onlyRead(constant("qwen3.attention.sliding_window", 0)),
  onlyRead(constant("qwen3.expert_count", 0)),
];

const layer: readonly NamePair[] = [
  ["attn_norm.weight", "input_layernorm.weight"],
  ["attn_q.weight", "self_attn.q_proj.weight"],
  ["attn_k.weight", "self_attn.k_proj.weight"],
  ["attn_v.weight", "self_attn.v_proj.weight"],
  ["attn_q_norm.weight", "self_attn.q_norm.weight"],
  ["attn_k_norm.weight", "self_attn.k_norm.weight"],
  ["attn_output.weight", "self_attn.o_proj.weight"],
  ["ffn_norm.weight", "post_attention_layernorm.weight"],
  ["ffn_gate.weight", "mlp.gate_proj.weight"],
  ["ffn_up.weight", "mlp.up_proj.weight"],
  ["ffn_down.weight", "mlp.down_proj.weight"],
];

export const qwen3Names = (blocks: number): readonly NamePair[] => [
  ["token_embd.weight", "llm.model.embed_tokens.weight"],
  ["output_norm.weight", "llm.model.norm.weight"],
  ["output.weight", "llm.lm_head.weight"],
  ...repeat(blocks, (i) => under(`blk.${i}.`, `llm.model.layers.${i}.`, layer)),
];

export const hasTiedHead = (file: GgufFile): boolean => !file.tensors.has("output.weight");

export const qwen3: GgufNaming = {
  name: "qwen3",
  architecture: "fun-asr-nano",
  fileArchitecture: "qwen3",
  part: "language model",
  has: ["token_embd.weight", "output_norm.weight", "blk.0.attn_q_norm.weight", "blk.0.ffn_gate.weight"],
  lacks: ["funasr.enc.blk.0.norm1.w"],
  keys,
  metadata: (file) =>
    new Map([
      ...readKeys(file, [
        ...keys,
        [vocabSize, "fun-asr-nano.llm.vocab_size", sizeOf(file, "token_embd.weight")],
      ]),
      ["fun-asr-nano.llm.tie_word_embeddings", hasTiedHead(file)],
      ...commonKeys(file, "tokenizer."),
    ]),
  names: (file) => qwen3Names(blockCount(file, "qwen3.block_count")),
};
