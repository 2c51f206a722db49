/**
 * transcribe.cpp's single file of Fun-ASR-Nano: architecture `funasr_nano`, keys under `stt.`, long names with modules
 * renamed, no CTC, always a tied head. Its converter drops the CTC branch of a checkpoint that has one.
 */
import { commonKeys, readKeys } from "./keys.ts";
import type { KeyRow } from "./keys.ts";
import { blockCount, repeat, under, weightAndBias } from "./naming.ts";
import type { GgufNaming, NamePair } from "./naming.ts";

const keys: readonly KeyRow[] = [
  ["stt.frontend.sample_rate", "fun-asr-nano.frontend.sample_rate"],
  ["stt.frontend.num_mels", "fun-asr-nano.frontend.n_mels"],
  ["stt.frontend.lfr_m", "fun-asr-nano.frontend.lfr_m"],
  ["stt.frontend.lfr_n", "fun-asr-nano.frontend.lfr_n"],
  ["stt.frontend.window", "fun-asr-nano.frontend.window"],
  ["stt.funasr_nano.encoder.d_input", "fun-asr-nano.encoder.input_size"],
  ["stt.funasr_nano.encoder.d_model", "fun-asr-nano.encoder.output_size"],
  ["stt.funasr_nano.encoder.n_heads", "fun-asr-nano.encoder.attention_heads"],
  ["stt.funasr_nano.encoder.d_ff", "fun-asr-nano.encoder.linear_units"],
  ["stt.funasr_nano.encoder.n_blocks", "fun-asr-nano.encoder.num_blocks"],
  ["stt.funasr_nano.encoder.tp_blocks", "fun-asr-nano.encoder.tp_blocks"],
  ["stt.funasr_nano.encoder.kernel_size", "fun-asr-nano.encoder.kernel_size"],
  ["stt.funasr_nano.adaptor.encoder_dim", "fun-asr-nano.adaptor.encoder_dim"],
  ["stt.funasr_nano.adaptor.pre_ffn_dim", "fun-asr-nano.adaptor.ffn_dim"],
  ["stt.funasr_nano.adaptor.llm_dim", "fun-asr-nano.adaptor.llm_dim"],
  ["stt.funasr_nano.adaptor.n_blocks", "fun-asr-nano.adaptor.n_layer"],
  ["stt.funasr_nano.adaptor.n_heads", "fun-asr-nano.adaptor.attention_heads"],
  ["stt.funasr_nano.decoder.n_layers", "fun-asr-nano.llm.block_count"],
  ["stt.funasr_nano.decoder.hidden_size", "fun-asr-nano.llm.embedding_length"],
  ["stt.funasr_nano.decoder.intermediate_size", "fun-asr-nano.llm.feed_forward_length"],
  ["stt.funasr_nano.decoder.n_heads", "fun-asr-nano.llm.head_count"],
  ["stt.funasr_nano.decoder.n_kv_heads", "fun-asr-nano.llm.head_count_kv"],
  ["stt.funasr_nano.decoder.head_dim", "fun-asr-nano.llm.head_dim"],
  ["stt.funasr_nano.decoder.vocab_size", "fun-asr-nano.llm.vocab_size"],
  ["stt.funasr_nano.decoder.max_position_embeddings", "fun-asr-nano.llm.context_length"],
  ["stt.funasr_nano.decoder.rope_theta", "fun-asr-nano.llm.rope_freq_base"],
  ["stt.funasr_nano.decoder.rms_norm_eps", "fun-asr-nano.llm.rms_norm_eps"],
];

const lowFrameRate: NamePair = [
  "stt.funasr_nano.adaptor.use_low_frame_rate",
  "fun-asr-nano.adaptor.use_low_frame_rate",
];

const weight = (foreign: string, canonical: string): NamePair => [`${foreign}.weight`, `${canonical}.weight`];

const commonLayer: readonly NamePair[] = [
  ...weightAndBias("norm_attn", "norm1"),
  ...weightAndBias("norm_ffn", "norm2"),
  ...weightAndBias("attn.out", "self_attn.linear_out"),
  ...weightAndBias("ffn.fc1", "feed_forward.w_1"),
  ...weightAndBias("ffn.fc2", "feed_forward.w_2"),
];

const encoderLayer: readonly NamePair[] = [
  ...commonLayer,
  ...weightAndBias("attn.qkv", "self_attn.linear_q_k_v"),
  weight("attn.fsmn", "self_attn.fsmn_block"),
];

const adaptorLayer: readonly NamePair[] = [
  ...commonLayer,
  ...weightAndBias("attn.q", "self_attn.linear_q"),
  ...weightAndBias("attn.k", "self_attn.linear_k"),
  ...weightAndBias("attn.v", "self_attn.linear_v"),
];

const decoderLayer: readonly NamePair[] = [
  weight("norm_attn", "input_layernorm"),
  weight("norm_ffn", "post_attention_layernorm"),
  ...["q", "k", "v", "o"].map((matrix) => weight(`attn.${matrix}`, `self_attn.${matrix}_proj`)),
  weight("attn.q_norm", "self_attn.q_norm"),
  weight("attn.k_norm", "self_attn.k_norm"),
  ...["gate", "up", "down"].map((matrix) => weight(`ffn.${matrix}`, `mlp.${matrix}_proj`)),
];

export const transcribeCppNano: GgufNaming = {
  name: "transcribe.cpp Fun-ASR-Nano",
  architecture: "fun-asr-nano",
  part: "model",
  has: ["enc.encoders0.0.norm_attn.weight", "adaptor.linear1.weight", "dec.token_embd.weight"],
  keys: [...keys, lowFrameRate],
  metadata: (file, { useLowFrameRate = true }) => {
    const milliseconds = (key: string): number =>
      (Number(file.metadata.get(key)) * 1_000) / Number(file.metadata.get("stt.frontend.sample_rate"));
    return new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "fun-asr-nano"],
      ...readKeys(file, keys),
      ...readKeys(file, [[...lowFrameRate, useLowFrameRate]]),
      ["fun-asr-nano.frontend.frame_length_ms", milliseconds("stt.frontend.win_length")],
      ["fun-asr-nano.frontend.frame_shift_ms", milliseconds("stt.frontend.hop_length")],
      ["fun-asr-nano.llm.tie_word_embeddings", true],
      ...commonKeys(file, "tokenizer."),
    ]);
  },
  names: (file) => [
    ...under("enc.encoders0.0.", "audio_encoder.encoders0.0.", encoderLayer),
    ...repeat(blockCount(file, "stt.funasr_nano.encoder.n_blocks") - 1, (i) =>
      under(`enc.encoders.${i}.`, `audio_encoder.encoders.${i}.`, encoderLayer),
    ),
    ...repeat(blockCount(file, "stt.funasr_nano.encoder.tp_blocks"), (i) =>
      under(`enc.tp_encoders.${i}.`, `audio_encoder.tp_encoders.${i}.`, encoderLayer),
    ),
    ...weightAndBias("enc.after_norm", "audio_encoder.after_norm"),
    ...weightAndBias("enc.tp_norm", "audio_encoder.tp_norm"),
    ...weightAndBias("adaptor.linear1", "audio_adaptor.linear1"),
    ...weightAndBias("adaptor.linear2", "audio_adaptor.linear2"),
    ...repeat(blockCount(file, "stt.funasr_nano.adaptor.n_blocks"), (i) =>
      under(`adaptor.blocks.${i}.`, `audio_adaptor.blocks.${i}.`, adaptorLayer),
    ),
    weight("dec.token_embd", "llm.model.embed_tokens"),
    weight("dec.output_norm", "llm.model.norm"),
    ...repeat(blockCount(file, "stt.funasr_nano.decoder.n_layers"), (i) =>
      under(`dec.layers.${i}.`, `llm.model.layers.${i}.`, decoderLayer),
    ),
  ],
};
