/**
 * The audio half of Fun-ASR-Nano as a multimodal projector in llama.cpp's style: `a.blk.*`, `a.tp.blk.*`, `mm.a.*`, all
 * in one format, norms and biases too; the language model is a stock Qwen3 file (qwen3.ts). No key describes the
 * adaptor: its sizes follow from shapes, its 2 blocks of 8 heads and the frame rate are Fun-ASR-Nano's.
 */
import { commonKeys, readKeys } from "./keys.ts";
import type { KeyRow } from "./keys.ts";
import { blockCount, repeat, sizeOf, under, weightAndBias } from "./naming.ts";
import type { GgufNaming, NamePair } from "./naming.ts";

const adaptorBlocks = 2;
const adaptorHeads = 8;

const keys: readonly KeyRow[] = [
  ["funasr.frontend.sample_rate", "fun-asr-nano.frontend.sample_rate"],
  ["funasr.frontend.n_mels", "fun-asr-nano.frontend.n_mels"],
  ["funasr.frontend.frame_length_ms", "fun-asr-nano.frontend.frame_length_ms"],
  ["funasr.frontend.frame_shift_ms", "fun-asr-nano.frontend.frame_shift_ms"],
  ["funasr.frontend.lfr_m", "fun-asr-nano.frontend.lfr_m"],
  ["funasr.frontend.lfr_n", "fun-asr-nano.frontend.lfr_n"],
  ["funasr.frontend.window", "fun-asr-nano.frontend.window"],
  ["funasr.audio_encoder.input_dim", "fun-asr-nano.encoder.input_size"],
  ["funasr.audio_encoder.output_dim", "fun-asr-nano.encoder.output_size"],
  ["funasr.audio_encoder.attention_heads", "fun-asr-nano.encoder.attention_heads"],
  ["funasr.audio_encoder.linear_units", "fun-asr-nano.encoder.linear_units"],
  ["funasr.audio_encoder.num_blocks", "fun-asr-nano.encoder.num_blocks"],
  ["funasr.audio_encoder.tp_blocks", "fun-asr-nano.encoder.tp_blocks"],
  ["funasr.audio_encoder.kernel_size", "fun-asr-nano.encoder.kernel_size"],
];

const commonLayer: readonly NamePair[] = [
  ...weightAndBias("norm1"),
  ...weightAndBias("norm2"),
  ...weightAndBias("self_attn.linear_out"),
  ...weightAndBias("feed_forward.w1", "feed_forward.w_1"),
  ...weightAndBias("feed_forward.w2", "feed_forward.w_2"),
];

const encoderLayer: readonly NamePair[] = [
  ...commonLayer,
  ...weightAndBias("self_attn.linear_qkv", "self_attn.linear_q_k_v"),
  ["self_attn.fsmn.weight", "self_attn.fsmn_block.weight"],
];

const adaptorLayer: readonly NamePair[] = [
  ...commonLayer,
  ...weightAndBias("self_attn.linear_q"),
  ...weightAndBias("self_attn.linear_k"),
  ...weightAndBias("self_attn.linear_v"),
];

export const mmprojNanoEncoder: GgufNaming = {
  name: "mmproj Fun-ASR-Nano",
  architecture: "fun-asr-nano",
  part: "audio encoder",
  has: ["a.blk.0.self_attn.linear_qkv.weight", "mm.a.linear1.weight"],
  keys,
  metadata: (file, { useLowFrameRate = true }) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "fun-asr-nano"],
      ...readKeys(file, keys),
      ["fun-asr-nano.adaptor.encoder_dim", sizeOf(file, "a.tp_norm.weight")],
      ["fun-asr-nano.adaptor.ffn_dim", sizeOf(file, "mm.a.linear1.weight")],
      ["fun-asr-nano.adaptor.llm_dim", sizeOf(file, "mm.a.linear2.weight")],
      ["fun-asr-nano.adaptor.n_layer", adaptorBlocks],
      ["fun-asr-nano.adaptor.attention_heads", adaptorHeads],
      ["fun-asr-nano.adaptor.use_low_frame_rate", useLowFrameRate],
    ]),
  names: (file) => [
    ...under("a.blk.0.", "audio_encoder.encoders0.0.", encoderLayer),
    ...repeat(blockCount(file, "funasr.audio_encoder.num_blocks") - 1, (i) =>
      under(`a.blk.${i + 1}.`, `audio_encoder.encoders.${i}.`, encoderLayer),
    ),
    ...repeat(blockCount(file, "funasr.audio_encoder.tp_blocks"), (i) =>
      under(`a.tp.blk.${i}.`, `audio_encoder.tp_encoders.${i}.`, encoderLayer),
    ),
    ...weightAndBias("a.after_norm", "audio_encoder.after_norm"),
    ...weightAndBias("a.tp_norm", "audio_encoder.tp_norm"),
    ...weightAndBias("mm.a.linear1", "audio_adaptor.linear1"),
    ...weightAndBias("mm.a.linear2", "audio_adaptor.linear2"),
    ...repeat(adaptorBlocks, (i) => under(`mm.a.blk.${i}.`, `audio_adaptor.blocks.${i}.`, adaptorLayer)),
  ],
};
