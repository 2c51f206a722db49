/**
 * The SenseVoice encoder of Fun-ASR-Nano and SenseVoice-Small: positions, an entry layer from features to model width,
 * SAN-M layers, a norm, and a second stack ("tp", timestamp prediction) with its own norm. FunASR's
 * SenseVoiceEncoderSmall; An et al., "FunAudioLLM", arXiv:2407.04051, section 3.
 */
import { chain } from "../nn/chain.ts";
import type { Turn } from "../nn/chain.ts";
import { add, scale } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { sinusoidalPositions } from "../nn/positions.ts";
import { block } from "../nn/weights.ts";
import type { Weights } from "../nn/weights.ts";
import { sanmLayer } from "./sanm.ts";
import type { SanmConfig } from "./sanm.ts";
import type { Settings } from "./settings.ts";

export interface SenseVoiceEncoderConfig extends SanmConfig {
  /** Width of a feature row: mel bins × stacked frames. */
  readonly inputSize: number;
  /** Layers of the first stack, the entry layer among them. */
  readonly numBlocks: number;
  /** Layers of the second stack. */
  readonly tpBlocks: number;
}

export function readSenseVoiceEncoder(s: Settings): SenseVoiceEncoderConfig {
  const config = {
    inputSize: s.integer("input_size", 2, 16_384),
    size: s.integer("output_size", 1, 16_384),
    heads: s.integer("attention_heads", 1, 256),
    linearUnits: s.integer("linear_units", 1, 65_536),
    numBlocks: s.integer("num_blocks", 1, 512),
    tpBlocks: s.integer("tp_blocks", 0, 512),
    kernelSize: s.integer("kernel_size", 1, 255),
    eps: 1e-5,
  };
  s.demand(
    config.inputSize % 2 === 0,
    "input_size",
    `${config.inputSize}`,
    "an even number (sines and cosines)",
  );
  s.demand(
    config.size % config.heads === 0,
    "attention_heads",
    `${config.heads}`,
    `a divisor of ${config.size}`,
  );
  s.demand(
    config.kernelSize % 2 === 1,
    "kernel_size",
    `${config.kernelSize}`,
    "an odd number (a centred kernel)",
  );
  return Object.freeze(config);
}

/** x·√D + positions, in the width of the features. */
export const positionedInput = block(
  (_, size: number) => (x: Tensor) =>
    add(scale(x, Math.sqrt(size)), sinusoidalPositions(x.shape[0]!, x.shape[1]!)),
);

/** features [T, inputSize] → encoded [T, D] */
export function senseVoiceEncoder(
  w: Weights,
  config: SenseVoiceEncoderConfig,
): (features: Tensor, turn: Turn) => Promise<Tensor> {
  const { inputSize, size, numBlocks, tpBlocks, eps } = config;
  const layers = [
    positionedInput(w.at("embed"), size),
    sanmLayer(w.at("encoders0.0"), inputSize, config),
    ...Array.from({ length: numBlocks - 1 }, (_, i) => sanmLayer(w.at(`encoders.${i}`), size, config)),
    w.layerNorm("after_norm", size, eps),
    ...Array.from({ length: tpBlocks }, (_, i) => sanmLayer(w.at(`tp_encoders.${i}`), size, config)),
    w.layerNorm("tp_norm", size, eps),
  ];
  return (features, turn) => chain(layers, features, turn);
}
