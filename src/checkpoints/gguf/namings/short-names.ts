/** What CrispASR's converters share between their models: short tensor names, and keys of the front end. */
import type { GgufFile } from "../file.ts";
import type { CopiedKey } from "./keys.ts";
import { repeat, under } from "./naming.ts";
import type { NamePair } from "./naming.ts";

export const frontendKeys = (foreign: string, canonical: string): readonly CopiedKey[] =>
  ["n_mels", "lfr_m", "lfr_n", "sample_rate", "frame_length_ms", "frame_shift_ms"].map(
    (key) => [foreign + key, canonical + key] as const,
  );

/** The width of the features; the files state only its factors. */
export const inputSize = (file: GgufFile, foreign: string): number =>
  Number(file.metadata.get(`${foreign}n_mels`)) * Number(file.metadata.get(`${foreign}lfr_m`));

/** `.w` and `.b` of one module. */
export const shortModule = (foreign: string, canonical: string): readonly NamePair[] => [
  [`${foreign}.w`, `${canonical}.weight`],
  [`${foreign}.b`, `${canonical}.bias`],
];

const feedForward: readonly NamePair[] = [
  ...shortModule("ffn.l1", "feed_forward.w_1"),
  ...shortModule("ffn.l2", "feed_forward.w_2"),
];

/** A SAN-M encoder layer. */
export const sanmLayer: readonly NamePair[] = [
  ...shortModule("norm1", "norm1"),
  ...shortModule("norm2", "norm2"),
  ...shortModule("attn.qkv", "self_attn.linear_q_k_v"),
  ...shortModule("attn.out", "self_attn.linear_out"),
  ["attn.fsmn.w", "self_attn.fsmn_block.weight"],
  ...feedForward,
];

/** A layer of the adaptor, a plain transformer. */
export const transformerLayer: readonly NamePair[] = [
  ...shortModule("norm1", "norm1"),
  ...shortModule("norm2", "norm2"),
  ...shortModule("attn.q", "self_attn.linear_q"),
  ...shortModule("attn.k", "self_attn.linear_k"),
  ...shortModule("attn.v", "self_attn.linear_v"),
  ...shortModule("attn.out", "self_attn.linear_out"),
  ...feedForward,
];

/** The encoder of SenseVoice and Fun-ASR-Nano: entry layer, rest of the base and time prediction in one numbering. */
export const senseVoiceEncoder = (
  foreign: string,
  canonical: string,
  layers: { readonly base: number; readonly timePrediction: number },
): readonly NamePair[] => [
  ...repeat(layers.base + layers.timePrediction, (i) => {
    const rest = i < layers.base ? `encoders.${i - 1}.` : `tp_encoders.${i - layers.base}.`;
    return under(`${foreign}blk.${i}.`, canonical + (i === 0 ? "encoders0.0." : rest), sanmLayer);
  }),
  ...shortModule(`${foreign}after_norm`, `${canonical}after_norm`),
  ...shortModule(`${foreign}tp_norm`, `${canonical}tp_norm`),
];
