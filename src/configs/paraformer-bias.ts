/** SeACo's bias towards hotwords: its keys must agree with its tensors. FunASR's SeacoParaformer and ParaformerSANMDecoder. */
import type { Settings, TensorShapes } from "./settings.ts";

const decoder = "seaco_decoder";

/** Blocks of the bias decoder that choose among many words: the attention of the last of them decides. */
export const filterBlocks = 6;

export interface BiasConfig {
  /** The bias decoder, all of whose blocks have attention. */
  readonly decoder: {
    /** Width D of embeds, words and stream. */
    readonly size: number;
    readonly heads: number;
    readonly linearUnits: number;
    readonly numBlocks: number;
    readonly kernelSize: number;
    readonly sanmShift: number;
  };
  /** Whether the LSTM goes in both directions, whose states are then projected to D. */
  readonly bidirectional: boolean;
  /** The token that says that no hotword is here. */
  readonly noBiasId: number;
  readonly vocabSize: number;
}

/** The sizes that the bias shares with the rest of the model. */
interface Surroundings {
  readonly size: number;
  readonly vocabSize: number;
}

/** Undefined where the checkpoint has no bias. */
export function readBias(
  s: Settings,
  tensors: TensorShapes,
  { size, vocabSize }: Surroundings,
): BiasConfig | undefined {
  // The tokens of words, a file: the recognizer reads it where there are hotwords.
  const isSegmented = s.has("seg_dict");
  if (!s.has("num_blocks")) {
    s.require(!isSegmented, "seg_dict", "present", "nothing: there is no bias");
    return undefined;
  }
  /** A size that one axis of a tensor shows. */
  const shown = (key: string, name: string, axis: number): number => {
    const value = s.integer(key, 1, 65_536);
    const shape = tensors.shapeOf(name);
    const wanted =
      shape === undefined ? `the tensor ${name}, which is missing` : `${shape[axis]}, as in ${name}`;
    s.require(shape?.[axis] === value, key, `${value}`, wanted);
    return value;
  };
  const inner = shown("inner_dim", "hotword_output_layer.weight", 1);
  const linearUnits = shown("linear_units", `${decoder}.decoders.0.feed_forward.w_1.weight`, 0);
  const kernelSize = shown("kernel_size", `${decoder}.decoders.0.self_attn.fsmn_block.weight`, 1);
  const heads = s.integer("attention_heads", 1, 256);
  const noBiasId = s.integer("no_bias_id", 0, vocabSize - 1);
  s.require(inner % heads === 0, "attention_heads", `${heads}`, `a divisor of ${inner}`);
  s.require(kernelSize % 2 === 1, "kernel_size", `${kernelSize}`, "an odd number");
  const numBlocks = readBlocks(s, tensors);
  return Object.freeze({
    decoder: Object.freeze({ size, heads, linearUnits, numBlocks, kernelSize, sanmShift: 0 }),
    bidirectional: tensors.has("lstm_proj.weight"),
    noBiasId,
    vocabSize,
  });
}

/** `att_layer_num` blocks have attention, whatever `num_blocks` is; the blocks without, beyond these, no release has. */
function readBlocks(s: Settings, tensors: TensorShapes): number {
  const attending = s.integer("att_layer_num", filterBlocks, 512);
  const blocks = s.integer("num_blocks", 1, 512);
  const held = (i: number): boolean => tensors.has(`${decoder}.decoders.${i}.norm1.weight`);
  s.require(
    held(attending - 1) && !held(attending),
    "att_layer_num",
    `${attending}`,
    `the number of blocks in ${decoder}.decoders`,
  );
  s.require(blocks <= attending, "num_blocks", `${blocks}`, `at most ${attending}, as in every release`);
  return attending;
}
