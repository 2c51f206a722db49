/**
 * SeACo's bias towards hotwords, which files may keep for other programs: nothing is computed with it here. Its keys must
 * agree with its tensors all the same. FunASR's SeacoParaformer and ParaformerSANMDecoder.
 */
import type { Settings, TensorShapes } from "./settings.ts";

const decoder = "seaco_decoder";

export function checkBias(s: Settings, tensors: TensorShapes, vocabSize: number): void {
  if (!s.has("num_blocks")) return;
  /** A size that one axis of a tensor shows. */
  const size = (key: string, name: string, axis: number): number => {
    const value = s.integer(key, 1, 65_536);
    const shape = tensors.shapeOf(name);
    const wanted =
      shape === undefined ? `the tensor ${name}, which is missing` : `${shape[axis]}, as in ${name}`;
    s.require(shape?.[axis] === value, key, `${value}`, wanted);
    return value;
  };
  const inner = size("inner_dim", "hotword_output_layer.weight", 1);
  size("linear_units", `${decoder}.decoders.0.feed_forward.w_1.weight`, 0);
  const taps = size("kernel_size", `${decoder}.decoders.0.self_attn.fsmn_block.weight`, 1);
  const heads = s.integer("attention_heads", 1, 256);
  s.integer("no_bias_id", 0, vocabSize - 1);
  s.require(inner % heads === 0, "attention_heads", `${heads}`, `a divisor of ${inner}`);
  s.require(taps % 2 === 1, "kernel_size", `${taps}`, "an odd number");
  checkBlocks(s, tensors);
}

/** `att_layer_num` blocks with attention, whatever their number is, and those of `num_blocks` that are beyond, without. */
function checkBlocks(s: Settings, tensors: TensorShapes): void {
  const blocks = s.integer("num_blocks", 1, 512);
  const attending = s.integer("att_layer_num", 1, 512);
  const stacks = [
    ["att_layer_num", "decoders", attending],
    ["num_blocks", "decoders2", Math.max(0, blocks - attending)],
  ] as const;
  for (const [key, stack, count] of stacks) {
    const held = (i: number): boolean => tensors.has(`${decoder}.${stack}.${i}.norm1.weight`);
    const fits = (count === 0 || held(count - 1)) && !held(count);
    s.require(fits, key, `${s.integer(key, 1, 512)}`, `the number of blocks in ${decoder}.${stack}`);
  }
}
