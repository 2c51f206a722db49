/** Hyperparameters of the SAN-M encoders. */
import type { Settings } from "./settings.ts";

/** Which rows attention does not see: none, those after the query, or what `prefixAttention` states. */
export type SanmMask = "none" | "causal" | "prefix";

export interface SanmConfig {
  /** Width D of the stream. */
  readonly size: number;
  readonly heads: number;
  /** Inner width of the feed-forward. */
  readonly linearUnits: number;
  /** Taps of the memory's kernel. */
  readonly kernelSize: number;
  /** How many taps the kernel is moved into the past; 0 is centered. */
  readonly sanmShift: number;
  readonly eps: number;
}

export interface SanmEncoderConfig extends SanmConfig {
  /** Width of a feature row: mel bins × stacked frames. */
  readonly inputSize: number;
  /** Layers, the first one included. */
  readonly numBlocks: number;
}

export interface SenseVoiceEncoderConfig extends SanmEncoderConfig {
  /** Layers of the second stack. */
  readonly tpBlocks: number;
}

/** `eps` of the layer norms is a constant of each family: 1e-12 in Paraformer, 1e-5 in SenseVoice. */
export function readSanmEncoder(s: Settings, eps: number): SanmEncoderConfig {
  const config = {
    inputSize: s.integer("input_size", 4, 16_384),
    size: s.integer("output_size", 1, 16_384),
    heads: s.integer("attention_heads", 1, 256),
    linearUnits: s.integer("linear_units", 1, 65_536),
    numBlocks: s.integer("num_blocks", 1, 512),
    kernelSize: s.integer("kernel_size", 1, 255),
    sanmShift: 0,
    eps,
  };
  const { inputSize, size, heads, kernelSize } = config;
  s.require(inputSize % 2 === 0, "input_size", `${inputSize}`, "an even number (sines and cosines)");
  s.require(size % heads === 0, "attention_heads", `${heads}`, `a divisor of ${size}`);
  s.require(kernelSize % 2 === 1, "kernel_size", `${kernelSize}`, "an odd number (a centered kernel)");
  return Object.freeze(config);
}

export function readSenseVoiceEncoder(s: Settings): SenseVoiceEncoderConfig {
  return Object.freeze({ ...readSanmEncoder(s, 1e-5), tpBlocks: s.integer("tp_blocks", 0, 512) });
}
