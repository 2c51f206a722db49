/**
 * The audio half of the official release (FunAudioLLM/Fun-ASR-Nano-GGUF): encoder and adaptor under the names of
 * model.pt, architecture `funasr-sensevoice-encoder`; the language model is a stock Qwen3 file (qwen3.ts).
 *
 * The file does not state whether the language model sees all frames: its converter knows Fun-ASR-Nano only, which
 * does not, so that is assumed unless the caller states otherwise. FSMN kernels are stored tap by tap (shapes.ts).
 */
import { commonKeys, constant, frontendConstants, readKeys } from "./keys.ts";
import type { KeyRow } from "./keys.ts";
import type { GgufNaming } from "./naming.ts";

const keys: readonly KeyRow[] = [
  ["funasr.enc.input_size", "fun-asr-nano.encoder.input_size"],
  ["funasr.enc.output_size", "fun-asr-nano.encoder.output_size"],
  ["funasr.enc.attention_heads", "fun-asr-nano.encoder.attention_heads"],
  ["funasr.enc.linear_units", "fun-asr-nano.encoder.linear_units"],
  ["funasr.enc.num_blocks", "fun-asr-nano.encoder.num_blocks"],
  ["funasr.enc.tp_blocks", "fun-asr-nano.encoder.tp_blocks"],
  ["funasr.enc.kernel_size", "fun-asr-nano.encoder.kernel_size"],
  constant("funasr.enc.sanm_shfit", 0),
  ["funasr.adp.llm_dim", "fun-asr-nano.adaptor.llm_dim"],
  ["funasr.adp.encoder_dim", "fun-asr-nano.adaptor.encoder_dim"],
  ["funasr.adp.ffn_dim", "fun-asr-nano.adaptor.ffn_dim"],
  ["funasr.adp.n_layer", "fun-asr-nano.adaptor.n_layer"],
  ["funasr.adp.attention_heads", "fun-asr-nano.adaptor.attention_heads"],
  constant("funasr.adp.downsample_rate", 1),
  ["funasr.frontend.n_mels", "fun-asr-nano.frontend.n_mels"],
  ["funasr.frontend.lfr_m", "fun-asr-nano.frontend.lfr_m"],
  ["funasr.frontend.lfr_n", "fun-asr-nano.frontend.lfr_n"],
];

export const officialNanoEncoder: GgufNaming = {
  name: "official Fun-ASR-Nano",
  architecture: "fun-asr-nano",
  fileArchitecture: "funasr-sensevoice-encoder",
  part: "audio encoder",
  has: ["audio_encoder.encoders0.0.norm1.weight", "audio_adaptor.linear1.weight"],
  lacks: ["llm.model.embed_tokens.weight"],
  keys,
  metadata: (file, { useLowFrameRate = true }) =>
    new Map([
      ...commonKeys(file, "general."),
      ["general.architecture", "fun-asr-nano"],
      ...frontendConstants("fun-asr-nano.frontend"),
      ...readKeys(file, keys),
      ["fun-asr-nano.adaptor.use_low_frame_rate", useLowFrameRate],
    ]),
  names: () => [],
};
