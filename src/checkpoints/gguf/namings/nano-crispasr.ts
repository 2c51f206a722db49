/**
 * CrispASR's single file of Fun-ASR-Nano and MLT (cstr/funasr-nano-GGUF): short names for the audio half, llama.cpp's
 * names for Qwen3, no CTC. Old files state 16 adaptor heads where the model has 8, and do not state whether the
 * language model sees all frames: in Nano it does not, in MLT it does.
 */
import { commonKeys, computed, readKeys, writtenFrom } from "./keys.ts";
import type { KeyRow } from "./keys.ts";
import { blockCount, repeat, under } from "./naming.ts";
import type { GgufNaming, NamePair } from "./naming.ts";
import { hasTiedHead, qwen3Names } from "./qwen3.ts";
import { frontendKeys, inputSize, senseVoiceEncoder, transformerLayer, shortModule } from "./short-names.ts";

const adaptorHeads: NamePair = ["funasr.ada_n_heads", "fun-asr-nano.adaptor.attention_heads"];
const lowFrameRate: NamePair = ["funasr.use_low_frame_rate", "fun-asr-nano.adaptor.use_low_frame_rate"];
/** The width within an adaptor block, a quarter of the block's own. */
const innerWidth = "audio_adaptor.blocks.0.feed_forward.w_1.weight";

const keys: readonly KeyRow[] = [
  ...frontendKeys("funasr.", "fun-asr-nano.frontend."),
  ["funasr.d_model", "fun-asr-nano.encoder.output_size"],
  ["funasr.n_heads", "fun-asr-nano.encoder.attention_heads"],
  ["funasr.ffn_dim", "fun-asr-nano.encoder.linear_units"],
  ["funasr.n_blocks_base", "fun-asr-nano.encoder.num_blocks"],
  ["funasr.n_blocks_tp", "fun-asr-nano.encoder.tp_blocks"],
  ["funasr.sanm_kernel", "fun-asr-nano.encoder.kernel_size"],
  ["funasr.ada_d_in", "fun-asr-nano.adaptor.encoder_dim"],
  ["funasr.ada_ffn", "fun-asr-nano.adaptor.ffn_dim"],
  ["funasr.ada_d_out", "fun-asr-nano.adaptor.llm_dim"],
  ["funasr.ada_n_layers", "fun-asr-nano.adaptor.n_layer"],
  [...adaptorHeads, 8],
  computed("funasr.ada_ffn_inner", ({ tensors }) => tensors.get(innerWidth)?.shape[0] ?? 0),
  writtenFrom(...lowFrameRate),
  ["funasr.llm.n_layers", "fun-asr-nano.llm.block_count"],
  ["funasr.llm.d_model", "fun-asr-nano.llm.embedding_length"],
  ["funasr.llm.n_heads", "fun-asr-nano.llm.head_count"],
  ["funasr.llm.n_kv_heads", "fun-asr-nano.llm.head_count_kv"],
  ["funasr.llm.head_dim", "fun-asr-nano.llm.head_dim"],
  ["funasr.llm.ff_dim", "fun-asr-nano.llm.feed_forward_length"],
  ["funasr.llm.vocab_size", "fun-asr-nano.llm.vocab_size"],
  ["funasr.llm.max_pos", "fun-asr-nano.llm.context_length"],
  ["funasr.llm.rope_theta", "fun-asr-nano.llm.rope_freq_base"],
  ["funasr.llm.rms_norm_eps", "fun-asr-nano.llm.rms_norm_eps"],
  writtenFrom("tokenizer.ggml.model"),
  writtenFrom("tokenizer.ggml.tokens"),
  writtenFrom("tokenizer.ggml.merges"),
  // its converter leaves them out where the checkpoint has no generation_config.json; its program knows these
  ["funasr.eos_token_id", "tokenizer.ggml.eos_token_id", 151_645],
  ["funasr.pad_token_id", "tokenizer.ggml.padding_token_id", 151_643],
];

export const crispAsrNano: GgufNaming = {
  name: "CrispASR Fun-ASR-Nano",
  architecture: "fun-asr-nano",
  fileArchitecture: "funasr",
  part: "model",
  has: ["funasr.enc.blk.0.norm1.w", "funasr.adaptor.linear1.w", "token_embd.weight"],
  keys,
  metadata: (file, { useLowFrameRate = true }) => {
    return new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "fun-asr-nano"],
      ...readKeys(file, keys),
      ...readKeys(file, [[...lowFrameRate, useLowFrameRate]]),
      ["fun-asr-nano.frontend.window", "hamming"],
      ["fun-asr-nano.encoder.input_size", inputSize(file, "funasr.")],
      ...(file.metadata.get(adaptorHeads[0]) === 16 ? [[adaptorHeads[1], 8] as const] : []),
      ["fun-asr-nano.llm.tie_word_embeddings", hasTiedHead(file)],
      ["tokenizer.ggml.pre", "qwen2"],
      ...commonKeys(file, "tokenizer."),
    ]);
  },
  names: (file) => [
    ...senseVoiceEncoder("funasr.enc.", "audio_encoder.", {
      base: blockCount(file, "funasr.n_blocks_base"),
      timePrediction: blockCount(file, "funasr.n_blocks_tp"),
    }),
    ...shortModule("funasr.adaptor.linear1", "audio_adaptor.linear1"),
    ...shortModule("funasr.adaptor.linear2", "audio_adaptor.linear2"),
    ...repeat(blockCount(file, "funasr.ada_n_layers"), (i) =>
      under(`funasr.adaptor.blk.${i}.`, `audio_adaptor.blocks.${i}.`, transformerLayer),
    ),
    ...qwen3Names(blockCount(file, "funasr.llm.n_layers")),
  ],
};
