/** Fun-ASR-Nano as transcribe.cpp and as a multimodal projector have it (see namings.ts). */
import { bool, float32, string, uint32 } from "../../../src/checkpoints/gguf/index.ts";
import type { GgufContent, TypedValue } from "../../../src/checkpoints/gguf/index.ts";
import { encode, tokenizerKeys } from "./namings.ts";
import type { Model, Values } from "./namings.ts";

const isAudio = ([name]: readonly [string, Values]): boolean => name.startsWith("audio_");
const isFsmn = (name: string): boolean => name.endsWith("fsmn_block.weight");

/** The kernel as PyTorch has it, [C, 1, K]. */
const threeDimensional = ({ shape: [channels = 0, taps = 0], values }: Values): Values => ({
  shape: [channels, 1, taps],
  values,
});

export function transcribeCppNano({ metadata, tensors }: Model): GgufContent {
  const own = (key: string): number => metadata.get(`fun-asr-nano.${key}`) as number;
  const sizes: Readonly<Record<string, number>> = {
    "stt.funasr_nano.encoder.n_blocks": own("encoder.num_blocks"),
    "stt.funasr_nano.encoder.tp_blocks": own("encoder.tp_blocks"),
    "stt.funasr_nano.encoder.d_model": own("encoder.output_size"),
    "stt.funasr_nano.encoder.d_input": own("encoder.input_size"),
    "stt.funasr_nano.encoder.n_heads": own("encoder.attention_heads"),
    "stt.funasr_nano.encoder.d_ff": own("encoder.linear_units"),
    "stt.funasr_nano.encoder.kernel_size": own("encoder.kernel_size"),
    "stt.funasr_nano.encoder.sanm_shift": 0,
    "stt.funasr_nano.adaptor.n_blocks": own("adaptor.n_layer"),
    "stt.funasr_nano.adaptor.encoder_dim": own("adaptor.encoder_dim"),
    "stt.funasr_nano.adaptor.llm_dim": own("adaptor.llm_dim"),
    "stt.funasr_nano.adaptor.pre_ffn_dim": own("adaptor.ffn_dim"),
    "stt.funasr_nano.adaptor.block_ffn_dim": own("adaptor.llm_dim") / 4,
    "stt.funasr_nano.adaptor.n_heads": own("adaptor.attention_heads"),
    "stt.funasr_nano.decoder.n_layers": own("llm.block_count"),
    "stt.funasr_nano.decoder.hidden_size": own("llm.embedding_length"),
    "stt.funasr_nano.decoder.intermediate_size": own("llm.feed_forward_length"),
    "stt.funasr_nano.decoder.n_heads": own("llm.head_count"),
    "stt.funasr_nano.decoder.n_kv_heads": own("llm.head_count_kv"),
    "stt.funasr_nano.decoder.head_dim": own("llm.head_dim"),
    "stt.funasr_nano.decoder.vocab_size": own("llm.vocab_size"),
    "stt.funasr_nano.decoder.max_position_embeddings": own("llm.context_length"),
    "stt.frontend.num_mels": own("frontend.n_mels"),
    "stt.frontend.sample_rate": own("frontend.sample_rate"),
    "stt.frontend.win_length": 400,
    "stt.frontend.hop_length": 160,
    "stt.frontend.lfr_m": own("frontend.lfr_m"),
    "stt.frontend.lfr_n": own("frontend.lfr_n"),
  };
  const keys = new Map<string, TypedValue>([
    ["general.architecture", string("funasr_nano")],
    ["stt.variant", string("fun-asr-nano-2512")],
    ...tokenizerKeys(metadata),
    ...Object.entries(sizes).map(([key, value]) => [key, uint32(value)] as const),
    ["stt.funasr_nano.adaptor.use_low_frame_rate", bool(true)],
    ["stt.funasr_nano.decoder.rms_norm_eps", float32(own("llm.rms_norm_eps"))],
    ["stt.funasr_nano.decoder.rope_theta", float32(own("llm.rope_freq_base"))],
    ["stt.funasr_nano.decoder.tie_word_embeddings", bool(true)],
    ["stt.frontend.window", string("hamming")],
  ]);
  const written = [...tensors]
    .filter(([name]) => !name.startsWith("ctc"))
    .map(([name, value]) => {
      const renamed = name
        .replace("llm.model.embed_tokens", "dec.token_embd")
        .replace("llm.model.norm", "dec.output_norm")
        .replace("llm.model.layers", "dec.layers")
        .replace(/self_attn\.([qkvo])_proj/, "attn.$1")
        .replace(/self_attn\.([qk])_norm/, "attn.$1_norm")
        .replace(/mlp\.(.*)_proj/, "ffn.$1")
        .replace("input_layernorm", "norm_attn")
        .replace("post_attention_layernorm", "norm_ffn")
        .replace("audio_encoder.", "enc.")
        .replace("audio_adaptor.", "adaptor.")
        .replace("self_attn.linear_q_k_v", "attn.qkv")
        .replace("self_attn.linear_", "attn.")
        .replace("self_attn.fsmn_block", "attn.fsmn")
        .replace("feed_forward.w_", "ffn.fc")
        .replace(/norm1\./, "norm_attn.")
        .replace(/norm2\./, "norm_ffn.");
      if (isFsmn(name)) return encode(renamed, threeDimensional(value), "F32");
      return encode(renamed, value, value.shape.length === 2 ? "BF16" : "F32");
    });
  return { metadata: keys, tensors: written };
}

export function mmprojEncoder({ metadata, tensors }: Model): GgufContent {
  const keys = new Map<string, TypedValue>([["general.architecture", string("clip")]]);
  const names: Readonly<Record<string, string>> = { input_size: "input_dim", output_size: "output_dim" };
  for (const [key, value] of metadata) {
    const [, group, name = ""] = /^fun-asr-nano\.(encoder|frontend)\.(.*)$/.exec(key) ?? [];
    const typed = typeof value === "string" ? string(value) : uint32(value as number);
    if (group === "encoder") keys.set(`funasr.audio_encoder.${names[name] ?? name}`, typed);
    if (group === "frontend") keys.set(`funasr.frontend.${name}`, typed);
  }
  const written = [...tensors].filter(isAudio).map(([name, value]) => {
    const renamed = name
      .replace("audio_encoder.encoders0.0.", "a.blk.0.")
      .replace(/audio_encoder\.encoders\.(\d+)/, (_, i) => `a.blk.${Number(i) + 1}`)
      .replace("audio_encoder.tp_encoders.", "a.tp.blk.")
      .replace("audio_encoder.", "a.")
      .replace("audio_adaptor.blocks.", "mm.a.blk.")
      .replace("audio_adaptor.", "mm.a.")
      .replace("linear_q_k_v", "linear_qkv")
      .replace("fsmn_block", "fsmn")
      .replace("feed_forward.w_", "feed_forward.w");
    return encode(renamed, isFsmn(name) ? threeDimensional(value) : value, "F16");
  });
  return { metadata: keys, tensors: written };
}
