/**
 * transcribe.cpp's single file of Fun-ASR-Nano: architecture `funasr_nano`, keys under `stt.`, long names with modules
 * renamed, no CTC, always a tied head. Its converter drops the CTC branch of a checkpoint that has one.
 */
import { commonKeys, computed, constant, readKeys, requiredValue, writtenFrom } from "./keys.ts";
import type { KeyedFile, KeyRow, Model } from "./keys.ts";
import { blockCount, repeat, under, weightAndBias } from "./naming.ts";
import type { GgufNaming, NamePair } from "./naming.ts";
import { sttEncoder, sttEncoderKeys, sttFrameTimes, sttFrontendKeys, sttLayer } from "./transcribe-cpp.ts";

const adaptor = "stt.funasr_nano.adaptor";
const decoder = "stt.funasr_nano.decoder";

const encoder = "stt.funasr_nano.encoder";
const frontend = "fun-asr-nano.frontend";

const keys: readonly KeyRow[] = [
  ...sttFrontendKeys(frontend),
  ...sttEncoderKeys(encoder, "fun-asr-nano.encoder"),
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

/** What the files state beside it; the network has it as constants, or it follows from other sizes. */
const derived: readonly KeyRow[] = [
  computed(`${adaptor}.block_ffn_dim`, (model) => adaptorWidth(model) / 4),
  computed(
    `${adaptor}.d_head`,
    (model) => adaptorWidth(model) / Number(requiredValue(model, "fun-asr-nano.adaptor.attention_heads")),
  ),
  constant(`${adaptor}.layer_norm_eps`, 1e-12),
  constant(`${adaptor}.activation`, "relu"),
  constant(`${adaptor}.downsample_rate`, 1),
  writtenFrom(`${decoder}.tie_word_embeddings`, "fun-asr-nano.llm.tie_word_embeddings"),
  constant(`${decoder}.activation`, "silu"),
  constant("stt.frontend.normalize", "none"),
  constant("stt.frontend.apply_cmvn", false),
];

const adaptorWidth = (model: Model): number => Number(requiredValue(model, "fun-asr-nano.adaptor.llm_dim"));

/** Files that do not state the frame rate name the checkpoint. */
const isMlt = (file: KeyedFile): boolean => /mlt/iu.test(String(file.metadata.get("stt.variant") ?? ""));

const weight = (foreign: string, canonical: string): NamePair => [`${foreign}.weight`, `${canonical}.weight`];

const adaptorLayer: readonly NamePair[] = [
  ...sttLayer,
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
  keys: [...keys, lowFrameRate, ...derived],
  metadata: (file, { useLowFrameRate = !isMlt(file) }) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "fun-asr-nano"],
      ...readKeys(file, keys),
      ...readKeys(file, [[...lowFrameRate, useLowFrameRate]]),
      ...sttFrameTimes(file, frontend),
      ["fun-asr-nano.llm.tie_word_embeddings", true],
      ...commonKeys(file, "tokenizer."),
    ]),
  names: (file) => [
    ...sttEncoder(file, encoder, "audio_encoder"),
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
