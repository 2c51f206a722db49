/**
 * The SAN-M encoder: positions, a first layer from feature width to model width, layers of model width, a norm. FunASR's
 * SANMEncoder (Paraformer), and the first stack of SenseVoiceEncoderSmall.
 */
import type { SanmEncoderConfig } from "../configs/encoders.ts";
import { add, block, layerNorm, returns, runLayers, scale, sinusoidalPositions } from "../nn/index.ts";
import type { BetweenSteps, Tensor, Weights } from "../nn/index.ts";
import { sanmLayer } from "./sanm.ts";

/** From features [T, inputSize] to hidden [T, D]. */
export type Encode = (features: Tensor, between: BetweenSteps) => Promise<Tensor>;

/** x·√D + positions, in the width of the features. */
const positionedInput = block((w, inputSize: number, size: number) => {
  returns(w, inputSize);
  return (x: Tensor) => add(scale(x, Math.sqrt(size)), sinusoidalPositions(x.shape[0]!, inputSize));
});

export function sanmEncoderLayers(w: Weights, config: SanmEncoderConfig): ((x: Tensor) => Tensor)[] {
  const { inputSize, size, numBlocks, eps } = config;
  return [
    positionedInput(w.at("embed"), inputSize, size),
    sanmLayer(w.at("encoders0.0"), inputSize, config),
    ...Array.from({ length: numBlocks - 1 }, (_, i) => sanmLayer(w.at(`encoders.${i}`), size, config)),
    layerNorm(w, "after_norm", size, eps),
  ];
}

export function sanmEncoder(w: Weights, config: SanmEncoderConfig): Encode {
  const layers = sanmEncoderLayers(w, config);
  return (features, between) => runLayers(layers, features, between);
}
