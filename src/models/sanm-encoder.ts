/**
 * The SAN-M encoder: positions, a first layer from feature width to model width, layers of model width, a norm. FunASR's
 * SANMEncoder (Paraformer, CT-Transformer), its SANMVadEncoder, and the first stack of SenseVoiceEncoderSmall.
 */
import type { SanmEncoderConfig, SanmMask } from "../configs/encoders.ts";
import { add, block, layerNorm, returns, runLayers, scale, sinusoidalPositions } from "../nn/index.ts";
import type { BetweenSteps, Tensor, Weights } from "../nn/index.ts";
import { sanmLayer } from "./sanm.ts";

/** x [T, …] → [T, D]; `prefix` as in `prefixAttention`. */
type EncoderLayer = (x: Tensor, prefix?: number) => Tensor;

/** From features [T, inputSize] to hidden [T, D]. */
export type Encode = (features: Tensor, between: BetweenSteps) => Promise<Tensor>;

/** x·√D + positions, in the width of the features. */
const positionedInput = block((w, inputSize: number, size: number) => {
  returns(w, inputSize);
  const positions = sinusoidalPositions(inputSize);
  return (x: Tensor) => add(scale(x, Math.sqrt(size)), positions(x.shape[0]!));
});

/** `maskOf` states what the attention of a layer does not see; the first layer is number 0. */
export function sanmEncoderLayers(
  w: Weights,
  config: SanmEncoderConfig,
  maskOf: (layer: number) => SanmMask = () => "none",
): EncoderLayer[] {
  const { inputSize, size, numBlocks, eps } = config;
  return [
    positionedInput(w.at("embed"), inputSize, size),
    sanmLayer(w.at("encoders0.0"), inputSize, config, maskOf(0)),
    ...Array.from({ length: numBlocks - 1 }, (_, i) =>
      sanmLayer(w.at(`encoders.${i}`), size, config, maskOf(i + 1)),
    ),
    layerNorm(w, "after_norm", size, eps),
  ];
}

export function sanmEncoder(w: Weights, config: SanmEncoderConfig): Encode {
  const layers = sanmEncoderLayers(w, config);
  return (features, between) => runLayers(layers, features, between);
}
