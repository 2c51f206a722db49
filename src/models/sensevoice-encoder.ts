/**
 * The SenseVoice encoder of Fun-ASR-Nano and SenseVoice-Small: a SAN-M encoder, and behind it a second stack ("tp",
 * timestamp prediction) with its own norm. FunASR's SenseVoiceEncoderSmall; An et al., "FunAudioLLM",
 * arXiv:2407.04051, section 3.
 */
import { chain } from "../nn/chain.ts";
import type { Weights } from "../nn/weights.ts";
import { sanmLayer } from "./sanm.ts";
import { readSanmEncoder, sanmEncoderLayers } from "./sanm-encoder.ts";
import type { Encode, SanmEncoderConfig } from "./sanm-encoder.ts";
import type { Settings } from "./settings.ts";

export interface SenseVoiceEncoderConfig extends SanmEncoderConfig {
  /** Layers of the second stack. */
  readonly tpBlocks: number;
}

export function readSenseVoiceEncoder(s: Settings): SenseVoiceEncoderConfig {
  return Object.freeze({ ...readSanmEncoder(s, 1e-5), tpBlocks: s.integer("tp_blocks", 0, 512) });
}

/** features [T, inputSize] → encoded [T, D] */
export function senseVoiceEncoder(w: Weights, config: SenseVoiceEncoderConfig): Encode {
  const { size, tpBlocks, eps } = config;
  const layers = [
    ...sanmEncoderLayers(w, config),
    ...Array.from({ length: tpBlocks }, (_, i) => sanmLayer(w.at(`tp_encoders.${i}`), size, config)),
    w.layerNorm("tp_norm", size, eps),
  ];
  return (features, turn) => chain(layers, features, turn);
}
