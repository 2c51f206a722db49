/** Sizes of a model by the shapes of its tensors, where its config.json states none, or those of another model. */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { TensorsError } from "../../../src/errors.ts";

/** Throws `bad_tensors` where a tensor that shows a size is missing. */
export class Sizes {
  readonly #source: string;
  readonly #tensors: ReadonlyMap<string, TensorEntry>;

  constructor(source: string, tensors: ReadonlyMap<string, TensorEntry>) {
    this.#source = source;
    this.#tensors = tensors;
  }

  of(name: string, axis: number): number {
    const size = this.#tensors.get(name)?.shape[axis];
    if (size === undefined) throw new TensorsError(this.#source, [{ name, problem: "missing" }]);
    return size;
  }

  count(stack: string): number {
    return modulesIn(stack, this.#tensors.keys());
  }
}

/** How many modules `stack.0`, `stack.1`, … there are; at most 512 are looked for. */
export function modulesIn(stack: string, names: Iterable<string>): number {
  const numbers = [...names]
    .filter((name) => name.startsWith(`${stack}.`))
    .map((name) => Number.parseInt(name.slice(stack.length + 1), 10));
  return numbers.reduce((most, number) => (number < 512 ? Math.max(most, number + 1) : most), 0);
}

/** A SenseVoice encoder below `path`; the number of heads is no size of a tensor. */
export function encoderSizes(
  sizes: Sizes,
  architecture: string,
  path: string,
  heads: number,
): [string, MetadataValue][] {
  const prefix = `${architecture}.encoder`;
  const first = `${path}.encoders0.0`;
  return [
    [`${prefix}.input_size`, sizes.of(`${first}.norm1.weight`, 0)],
    [`${prefix}.output_size`, sizes.of(`${path}.after_norm.weight`, 0)],
    [`${prefix}.attention_heads`, heads],
    [`${prefix}.linear_units`, sizes.of(`${first}.feed_forward.w_1.weight`, 0)],
    [`${prefix}.num_blocks`, 1 + sizes.count(`${path}.encoders`)],
    [`${prefix}.tp_blocks`, sizes.count(`${path}.tp_encoders`)],
    [`${prefix}.kernel_size`, sizes.of(`${first}.self_attn.fsmn_block.weight`, 1)],
  ];
}
