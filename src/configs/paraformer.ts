/** Hyperparameters of Paraformer. */
import type { SanmEncoderConfig } from "./encoders.ts";
import { readSanmEncoder } from "./encoders.ts";
import { readBias } from "./paraformer-bias.ts";
import type { BiasConfig } from "./paraformer-bias.ts";
import type { Settings, TensorShapes } from "./settings.ts";

export interface ParaformerConfig {
  readonly encoder: SanmEncoderConfig;
  readonly predictor: PredictorConfig;
  readonly decoder: DecoderConfig;
  /** Only where the checkpoint has a head for times. */
  readonly timeHead: TimeHeadConfig | undefined;
  /** Only where the checkpoint has SeACo's bias towards hotwords. */
  readonly bias: BiasConfig | undefined;
  readonly vocabSize: number;
}

export interface PredictorConfig {
  /** Frames before and after the current one that the convolution covers. */
  readonly leftOrder: number;
  readonly rightOrder: number;
  /** Alpha of the empty frame after the last: a last vector fires if it is more than 1 − this complete. */
  readonly tailThreshold: number;
  /** alpha = relu(σ(z) · smoothFactor − noiseThreshold) */
  readonly smoothFactor: number;
  readonly noiseThreshold: number;
  /** V2 integrates by prefix sums, V3 in a loop; the sums round differently. */
  readonly recipe: "prefix" | "loop";
}

export interface DecoderConfig {
  /** Width D of embeds, stream and encoder rows. */
  readonly size: number;
  readonly heads: number;
  /** Inner width of the feed-forwards. */
  readonly linearUnits: number;
  readonly numBlocks: number;
  /** Taps of the memory's kernel. */
  readonly kernelSize: number;
  /** How many taps the kernel is moved into the past; 0 is centered. */
  readonly sanmShift: number;
  readonly vocabSize: number;
}

export interface TimeHeadConfig {
  /** Rows for each frame of the encoder. */
  readonly upsampleTimes: number;
  /** alpha = relu(σ(z) · smoothFactor − noiseThreshold) */
  readonly smoothFactor: number;
  readonly noiseThreshold: number;
}

export function readParaformer(s: Settings, tensors: TensorShapes): ParaformerConfig {
  const encoder = readSanmEncoder(s.at("encoder"), 1e-12);
  const vocabSize = s.integer("vocab_size", 4, 1_000_000);
  const { size } = encoder;
  return Object.freeze({
    encoder,
    predictor: readPredictor(s.at("predictor")),
    decoder: readDecoder(s.at("decoder"), size, vocabSize),
    timeHead: s.at("predictor").has("upsample_times") ? readTimeHead(s.at("predictor")) : undefined,
    bias: readBias(s.at("seaco"), tensors, { size, vocabSize }),
    vocabSize,
  });
}

function readPredictor(s: Settings): PredictorConfig {
  // The threshold is a constant of cif: the implementation assumes 1 everywhere.
  const threshold = s.positive("threshold");
  s.require(threshold === 1, "threshold", `${threshold}`, "1");
  return Object.freeze({
    leftOrder: s.integer("l_order", 0, 64),
    rightOrder: s.integer("r_order", 0, 64),
    tailThreshold: s.number("tail_threshold", 0, 1),
    ...readAlphas(s, ""),
    recipe: s.has("upsample_times") ? "loop" : "prefix",
  });
}

function readDecoder(s: Settings, size: number, vocabSize: number): DecoderConfig {
  const config = {
    size,
    heads: s.integer("attention_heads", 1, 256),
    linearUnits: s.integer("linear_units", 1, 65_536),
    numBlocks: s.integer("num_blocks", 1, 512),
    kernelSize: s.integer("kernel_size", 1, 255),
    sanmShift: s.integer("sanm_shift", 0, 127),
    vocabSize,
  };
  const { heads, numBlocks, kernelSize, sanmShift } = config;
  const attending = s.integer("att_layer_num", 1, 512);
  s.require(size % heads === 0, "attention_heads", `${heads}`, `a divisor of ${size}`);
  s.require(attending === numBlocks, "att_layer_num", `${attending}`, `${numBlocks}, as in every release`);
  s.require(kernelSize % 2 === 1, "kernel_size", `${kernelSize}`, "an odd number");
  s.require(sanmShift <= (kernelSize - 1) / 2, "sanm_shift", `${sanmShift}`, "at most half of the kernel");
  return Object.freeze(config);
}

function readTimeHead(s: Settings): TimeHeadConfig {
  return Object.freeze({
    upsampleTimes: s.integer("upsample_times", 1, 16),
    ...readAlphas(s, "2"),
  });
}

/** The constants of alpha. Where the noise is not below the largest product, every alpha is 0, and nothing ever fires. */
function readAlphas(s: Settings, head: "" | "2"): Pick<TimeHeadConfig, "smoothFactor" | "noiseThreshold"> {
  const key = `smooth_factor${head}`;
  const smoothFactor = s.number(key, 0, 16);
  const noiseThreshold = s.number(`noise_threshold${head}`, 0, 1);
  const wanted = `more than noise_threshold${head}, ${noiseThreshold}: else no token fires`;
  s.require(smoothFactor > noiseThreshold, key, `${smoothFactor}`, wanted);
  return { smoothFactor, noiseThreshold };
}
