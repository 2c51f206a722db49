/** The short names that CrispASR's converters share between their models. */
import type { NamePair } from "./dialect.ts";

/** `.w` and `.b` of one module. */
export const weightAndBias = (foreign: string, canonical: string): readonly NamePair[] => [
  [`${foreign}.w`, `${canonical}.weight`],
  [`${foreign}.b`, `${canonical}.bias`],
];

const feedForward: readonly NamePair[] = [
  ...weightAndBias("ffn.l1", "feed_forward.w_1"),
  ...weightAndBias("ffn.l2", "feed_forward.w_2"),
];

/** A SAN-M encoder layer. */
export const sanmLayer: readonly NamePair[] = [
  ...weightAndBias("norm1", "norm1"),
  ...weightAndBias("norm2", "norm2"),
  ...weightAndBias("attn.qkv", "self_attn.linear_q_k_v"),
  ...weightAndBias("attn.out", "self_attn.linear_out"),
  ["attn.fsmn.w", "self_attn.fsmn_block.weight"],
  ...feedForward,
];

/** A layer of the adaptor, a plain transformer. */
export const transformerLayer: readonly NamePair[] = [
  ...weightAndBias("norm1", "norm1"),
  ...weightAndBias("norm2", "norm2"),
  ...weightAndBias("attn.q", "self_attn.linear_q"),
  ...weightAndBias("attn.k", "self_attn.linear_k"),
  ...weightAndBias("attn.v", "self_attn.linear_v"),
  ...weightAndBias("attn.out", "self_attn.linear_out"),
  ...feedForward,
];
