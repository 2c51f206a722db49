/** Hyperparameters of Qwen3. */
import type { Settings } from "./settings.ts";

export interface Qwen3Config {
  readonly layers: number;
  readonly size: number;
  readonly feedForwardSize: number;
  readonly heads: number;
  /** Heads of keys and values; each serves heads / kvHeads query heads. */
  readonly kvHeads: number;
  /** Width of a head; heads · headDim need not be `size`. */
  readonly headDim: number;
  readonly vocabSize: number;
  /** Positions that the rotary embedding was trained for. */
  readonly contextLength: number;
  /** Base of the rotary angles. */
  readonly ropeTheta: number;
  readonly eps: number;
}

export function readQwen3(s: Settings): Qwen3Config {
  const config = {
    layers: s.integer("block_count", 1, 512),
    size: s.integer("embedding_length", 1, 65_536),
    feedForwardSize: s.integer("feed_forward_length", 1, 262_144),
    heads: s.integer("head_count", 1, 512),
    kvHeads: s.integer("head_count_kv", 1, 512),
    headDim: s.integer("head_dim", 2, 1024),
    vocabSize: s.integer("vocab_size", 1, 2_000_000),
    contextLength: s.integer("context_length", 1, 16_777_216),
    ropeTheta: s.number("rope_freq_base", 1, 1e12),
    eps: s.number("rms_norm_eps", Number.MIN_VALUE, 0.01),
  };
  s.require(
    config.heads % config.kvHeads === 0,
    "head_count_kv",
    `${config.kvHeads}`,
    `a divisor of ${config.heads}`,
  );
  s.require(
    config.headDim % 2 === 0,
    "head_dim",
    `${config.headDim}`,
    "an even number (rotation turns pairs)",
  );
  return Object.freeze(config);
}
