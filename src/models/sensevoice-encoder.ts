/**
 * The SenseVoice encoder of Fun-ASR-Nano and SenseVoice-Small: a SAN-M encoder, followed by a second stack ("tp",
 * timestamp prediction) with its own norm. FunASR's SenseVoiceEncoderSmall; An et al., "FunAudioLLM",
 * arXiv:2407.04051, section 3.
 */
import type { SenseVoiceEncoderConfig } from "../configs/encoders.ts";
import { layerNorm, runLayers } from "../nn/index.ts";
import type { Tensor, Weights } from "../nn/index.ts";
import { sanmLayer } from "./sanm.ts";
import { sanmEncoderLayers } from "./sanm-encoder.ts";
import type { Encode } from "./sanm-encoder.ts";

export interface SenseVoiceEncoder {
  readonly encode: Encode; // [T, inputSize] → [T, D]
  /** The layers' stages. */
  readonly layers: readonly string[];
  /** A layer's result through the norms after it, without the layers between them. */
  finish(hidden: Tensor, layer: string): Tensor; // [T, D]
}

export function senseVoiceEncoder(w: Weights, config: SenseVoiceEncoderConfig): SenseVoiceEncoder {
  const { size, numBlocks, tpBlocks, eps } = config;
  const main = sanmEncoderLayers(w, config);
  const timed = Array.from({ length: tpBlocks }, (_, i) => sanmLayer(w.at(`tp_encoders.${i}`), size, config));
  const norm = layerNorm(w, "tp_norm", size, eps);
  const mainNorm = main.at(-1)!;
  const pathsOf = (stack: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => w.at(`${stack}.${i}`).path);
  const timedPaths = pathsOf("tp_encoders", tpBlocks);
  return {
    encode: (features, between) => runLayers([...main, ...timed, norm], features, between),
    layers: [...pathsOf("encoders0", 1), ...pathsOf("encoders", numBlocks - 1), ...timedPaths],
    finish: (hidden, layer) => norm(timedPaths.includes(layer) ? hidden : mainNorm(hidden)),
  };
}
