/** A random Paraformer of the real shape , small, with random numbers; with a head for times when asked for. */
import type { Checkpoint } from "../../../src/checkpoints/checkpoint.ts";
import { memoryCheckpoint } from "../fakes/memory-checkpoint.ts";
import type { MemoryTensor } from "../fakes/memory-checkpoint.ts";
import { normals } from "./random.ts";

interface ParaformerShape {
  readonly size: number;
  readonly inputSize: number;
  readonly heads: number;
  readonly linearUnits: number;
  readonly kernelSize: number;
  readonly encoderBlocks: number;
  readonly decoderBlocks: number;
  readonly vocabSize: number;
  /** Rows of the time head for each frame; 0 for none. */
  readonly upsampleTimes: number;
}

export const tinyParaformer: ParaformerShape = {
  size: 16,
  inputSize: 20,
  heads: 4,
  linearUnits: 24,
  kernelSize: 5,
  encoderBlocks: 2,
  decoderBlocks: 2,
  vocabSize: 13,
  upsampleTimes: 0,
};

export function paraformerMetadata(shape: ParaformerShape): Map<string, string | number> {
  const attention = { attention_heads: shape.heads, linear_units: shape.linearUnits };
  return new Map<string, string | number>([
    ["general.architecture", "paraformer"],
    ...keys("frontend", { n_mels: shape.inputSize, lfr_m: 1 }),
    ...keys("encoder", {
      input_size: shape.inputSize,
      output_size: shape.size,
      ...attention,
      num_blocks: shape.encoderBlocks,
      kernel_size: shape.kernelSize,
    }),
    ...keys("predictor", {
      l_order: 1,
      r_order: 1,
      threshold: 1,
      tail_threshold: Math.fround(0.45),
      smooth_factor: 1,
      noise_threshold: 0,
    }),
    ...(shape.upsampleTimes === 0
      ? []
      : keys("predictor", {
          upsample_times: shape.upsampleTimes,
          smooth_factor2: 0.25,
          noise_threshold2: Math.fround(0.01),
        })),
    ...keys("decoder", {
      ...attention,
      num_blocks: shape.decoderBlocks,
      att_layer_num: shape.decoderBlocks,
      kernel_size: shape.kernelSize,
      sanm_shift: 0,
    }),
    ["paraformer.vocab_size", shape.vocabSize],
  ]);
}

function keys(part: string, values: { readonly [key: string]: number }): [string, number][] {
  return Object.entries(values).map(([key, value]) => [`paraformer.${part}.${key}`, value]);
}

/** The checkpoint; `edit` may change its tensors or keys first. */
export function tinyParaformerCheckpoint(
  edit: (tensors: Map<string, MemoryTensor>, metadata: Map<string, string | number>) => void = () => {},
  shape: ParaformerShape = tinyParaformer,
): Checkpoint {
  const metadata = paraformerMetadata(shape);
  const tensors = new Map<string, MemoryTensor>();
  for (const [seed, [name, ...dimensions]] of tensorShapes(shape).entries()) {
    const count = dimensions.reduce((a, b) => a * b, 1);
    const fanIn = dimensions.slice(1).reduce((a, b) => a * b, 1);
    const values = normals(seed + 1, count, dimensions.length === 1 ? 0.3 : 1 / Math.sqrt(fanIn));
    if (/norm.*\.weight$/.test(name)) for (let i = 0; i < count; i++) values[i]! += 1;
    tensors.set(name, { shape: dimensions, values });
  }
  edit(tensors, metadata);
  return memoryCheckpoint(metadata, tensors);
}

type Named = [name: string, ...shape: number[]];

function tensorShapes(shape: ParaformerShape): Named[] {
  const { size, inputSize, linearUnits, kernelSize, vocabSize } = shape;
  const encoderLayer = (path: string, input: number): Named[] => [
    ...norm(`${path}.norm1`, input),
    ...linear(`${path}.self_attn.linear_q_k_v`, input, 3 * size),
    ...linear(`${path}.self_attn.linear_out`, size, size),
    [`${path}.self_attn.fsmn_block.weight`, size, kernelSize],
    ...norm(`${path}.norm2`, size),
    ...linear(`${path}.feed_forward.w_1`, size, linearUnits),
    ...linear(`${path}.feed_forward.w_2`, linearUnits, size),
  ];
  const decoderFeed = (path: string): Named[] => [
    ...norm(`${path}.norm1`, size),
    ...linear(`${path}.feed_forward.w_1`, size, linearUnits),
    ...norm(`${path}.feed_forward.norm`, linearUnits),
    [`${path}.feed_forward.w_2.weight`, size, linearUnits],
  ];
  const decoderLayer = (path: string): Named[] => [
    ...decoderFeed(path),
    ...norm(`${path}.norm2`, size),
    [`${path}.self_attn.fsmn_block.weight`, size, kernelSize],
    ...norm(`${path}.norm3`, size),
    ...linear(`${path}.src_attn.linear_q`, size, size),
    ...linear(`${path}.src_attn.linear_k_v`, size, 2 * size),
    ...linear(`${path}.src_attn.linear_out`, size, size),
  ];
  return [
    ...encoderLayer("encoder.encoders0.0", inputSize),
    ...range(shape.encoderBlocks - 1).flatMap((i) => encoderLayer(`encoder.encoders.${i}`, size)),
    ...norm("encoder.after_norm", size),
    ["predictor.cif_conv1d.weight", size, size, 3],
    ["predictor.cif_conv1d.bias", size],
    ...linear("predictor.cif_output", size, 1),
    ...(shape.upsampleTimes === 0 ? [] : timeHead(size, shape.upsampleTimes)),
    ...range(shape.decoderBlocks).flatMap((i) => decoderLayer(`decoder.decoders.${i}`)),
    ...decoderFeed("decoder.decoders3.0"),
    ...norm("decoder.after_norm", size),
    ...linear("decoder.output_layer", size, vocabSize),
  ];
}

function timeHead(size: number, times: number): Named[] {
  return [
    ["predictor.upsample_cnn.weight", size, size, times],
    ["predictor.upsample_cnn.bias", size],
    ...["l0", "l0_reverse"].flatMap((suffix): Named[] => [
      [`predictor.blstm.weight_ih_${suffix}`, 4 * size, size],
      [`predictor.blstm.weight_hh_${suffix}`, 4 * size, size],
      [`predictor.blstm.bias_ih_${suffix}`, 4 * size],
      [`predictor.blstm.bias_hh_${suffix}`, 4 * size],
    ]),
    ...linear("predictor.cif_output2", 2 * size, 1),
  ];
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const norm = (path: string, size: number): Named[] => [
  [`${path}.weight`, size],
  [`${path}.bias`, size],
];
const linear = (path: string, input: number, output: number): Named[] => [
  [`${path}.weight`, output, input],
  [`${path}.bias`, output],
];
