/**
 * The SAN-M encoder: positions, an entry layer from features to model width, layers of that width, a norm. FunASR's
 * SANMEncoder (Paraformer), and the first stack of SenseVoiceEncoderSmall.
 */
import { runLayers } from "../nn/layer-stack.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import { add, scale } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { sinusoidalPositions } from "../nn/positions.ts";
import { block } from "../nn/weights.ts";
import type { Weights } from "../nn/weights.ts";
import { sanmLayer } from "./sanm.ts";
import type { SanmConfig } from "./sanm.ts";
import type { Settings } from "../architectures/settings.ts";

export interface SanmEncoderConfig extends SanmConfig {
  /** Width of a feature row: mel bins × stacked frames. */
  readonly inputSize: number;
  /** Layers, the entry layer among them. */
  readonly numBlocks: number;
}

/** From features [T, inputSize] to hidden [T, D]. */
export type Encode = (features: Tensor, turn: BetweenSteps) => Promise<Tensor>;

/** `eps` of the layer norms is a constant of each family: 1e-12 in Paraformer, 1e-5 in SenseVoice. */
export function readSanmEncoder(s: Settings, eps: number): SanmEncoderConfig {
  const config = {
    inputSize: s.integer("input_size", 4, 16_384),
    size: s.integer("output_size", 1, 16_384),
    heads: s.integer("attention_heads", 1, 256),
    linearUnits: s.integer("linear_units", 1, 65_536),
    numBlocks: s.integer("num_blocks", 1, 512),
    kernelSize: s.integer("kernel_size", 1, 255),
    eps,
  };
  const { inputSize, size, heads, kernelSize } = config;
  s.require(inputSize % 2 === 0, "input_size", `${inputSize}`, "an even number (sines and cosines)");
  s.require(size % heads === 0, "attention_heads", `${heads}`, `a divisor of ${size}`);
  s.require(kernelSize % 2 === 1, "kernel_size", `${kernelSize}`, "an odd number (a centered kernel)");
  return Object.freeze(config);
}

/** x·√D + positions, in the width of the features. */
const positionedInput = block((w, inputSize: number, size: number) => {
  w.returns(inputSize);
  return (x: Tensor) => add(scale(x, Math.sqrt(size)), sinusoidalPositions(x.shape[0]!, inputSize));
});

export function sanmEncoderLayers(w: Weights, config: SanmEncoderConfig): ((x: Tensor) => Tensor)[] {
  const { inputSize, size, numBlocks, eps } = config;
  return [
    positionedInput(w.at("embed"), inputSize, size),
    sanmLayer(w.at("encoders0.0"), inputSize, config),
    ...Array.from({ length: numBlocks - 1 }, (_, i) => sanmLayer(w.at(`encoders.${i}`), size, config)),
    w.layerNorm("after_norm", size, eps),
  ];
}

export function sanmEncoder(w: Weights, config: SanmEncoderConfig): Encode {
  const layers = sanmEncoderLayers(w, config);
  return (features, turn) => runLayers(layers, features, turn);
}
