/**
 * What transcribe.cpp's converters share between their models: keys of the front end under `stt.frontend`, whose window
 * and hop are in samples, and the long names of a SAN-M encoder with its modules renamed.
 */
import type { MetadataValue } from "../../checkpoint.ts";
import { computed, constant, requiredValue } from "./keys.ts";
import type { KeyedFile, KeyRow } from "./keys.ts";
import { blockCount, repeat, under, weightAndBias } from "./naming.ts";
import type { NamePair } from "./naming.ts";

export const sttFrontendKeys = (canonical: string): readonly KeyRow[] => [
  ["stt.frontend.sample_rate", `${canonical}.sample_rate`],
  ["stt.frontend.num_mels", `${canonical}.n_mels`],
  ["stt.frontend.lfr_m", `${canonical}.lfr_m`],
  ["stt.frontend.lfr_n", `${canonical}.lfr_n`],
  ["stt.frontend.window", `${canonical}.window`],
  constant("stt.frontend.type", "kaldi_fbank_lfr"),
  constant("stt.frontend.fbank_style", "kaldi_htk"),
  constant("stt.frontend.dither", 0),
  constant("stt.frontend.upscale_samples", true),
  constant("stt.frontend.snip_edges", true),
  // the samples of a frame, without the zeros that fill them up to a power of two
  computed(
    "stt.frontend.n_fft",
    (model) =>
      (Number(requiredValue(model, `${canonical}.frame_length_ms`)) *
        Number(requiredValue(model, `${canonical}.sample_rate`))) /
      1_000,
  ),
];

/** Window and hop, in milliseconds as we have them. */
export function sttFrameTimes(file: KeyedFile, canonical: string): [string, MetadataValue][] {
  /** NaN, which no time may be, for what is no number. */
  const samples = (key: string): number => {
    const value = file.metadata.get(`stt.frontend.${key}`);
    return typeof value === "number" ? value : NaN;
  };
  const milliseconds = (key: string): number => (samples(key) * 1_000) / samples("sample_rate");
  return [
    [`${canonical}.frame_length_ms`, milliseconds("win_length")],
    [`${canonical}.frame_shift_ms`, milliseconds("hop_length")],
  ];
}

/** A SAN-M encoder's sizes; `foreign` and `canonical` are the beginnings of both keys. */
export const sttEncoderKeys = (foreign: string, canonical: string): readonly KeyRow[] => [
  [`${foreign}.d_input`, `${canonical}.input_size`],
  [`${foreign}.d_model`, `${canonical}.output_size`],
  [`${foreign}.n_heads`, `${canonical}.attention_heads`],
  [`${foreign}.d_ff`, `${canonical}.linear_units`],
  [`${foreign}.n_blocks`, `${canonical}.num_blocks`],
  [`${foreign}.tp_blocks`, `${canonical}.tp_blocks`],
  [`${foreign}.kernel_size`, `${canonical}.kernel_size`],
  constant(`${foreign}.sanm_shift`, 0),
  constant(`${foreign}.attention_type`, "sanm"),
  constant(`${foreign}.normalize_before`, true),
];

/** What layers of the encoder and of the adaptor have in common. */
export const sttLayer: readonly NamePair[] = [
  ...weightAndBias("norm_attn", "norm1"),
  ...weightAndBias("norm_ffn", "norm2"),
  ...weightAndBias("attn.out", "self_attn.linear_out"),
  ...weightAndBias("ffn.fc1", "feed_forward.w_1"),
  ...weightAndBias("ffn.fc2", "feed_forward.w_2"),
];

const encoderLayer: readonly NamePair[] = [
  ...sttLayer,
  ...weightAndBias("attn.qkv", "self_attn.linear_q_k_v"),
  ["attn.fsmn.weight", "self_attn.fsmn_block.weight"],
];

/** The names of a whole encoder; `keys` is the beginning of the keys with its numbers of blocks. */
export const sttEncoder = (file: KeyedFile, keys: string, canonical: string): readonly NamePair[] => [
  ...under("enc.encoders0.0.", `${canonical}.encoders0.0.`, encoderLayer),
  ...repeat(blockCount(file, `${keys}.n_blocks`) - 1, (i) =>
    under(`enc.encoders.${i}.`, `${canonical}.encoders.${i}.`, encoderLayer),
  ),
  ...repeat(blockCount(file, `${keys}.tp_blocks`), (i) =>
    under(`enc.tp_encoders.${i}.`, `${canonical}.tp_encoders.${i}.`, encoderLayer),
  ),
  ...weightAndBias("enc.after_norm", `${canonical}.after_norm`),
  ...weightAndBias("enc.tp_norm", `${canonical}.tp_norm`),
];
