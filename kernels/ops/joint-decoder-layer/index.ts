/**
 * DecoderLayer for the rows of several sequences in one call: of each sequence, the bytes of DecoderLayer on its own rows
 * and caches. The products read their matrices once for all rows; positions, caches and attention are each sequence's own.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition, Shapes } from "../../kernel.ts";
import { decoderLayer } from "../decoder-layer/index.ts";
import type {
  DecoderLayerAttrs,
  DecoderLayerInput,
  LayerMatrix,
  LayerNormWeight,
} from "../decoder-layer/index.ts";

/** The caches of sequence i (0, 1, …) are `keys i` and `values i` without the space. */
export type JointDecoderLayerInput =
  | "x"
  | `keys${number}`
  | `values${number}`
  | LayerMatrix
  | LayerNormWeight;

export interface JointDecoderLayerAttrs extends Omit<DecoderLayerAttrs, "position"> {
  /** How many rows of x are of each sequence, one sequence after the other, and the position of its first row. */
  readonly sequences: readonly { readonly rows: number; readonly position: number }[];
}

/** The inputs of DecoderLayer for sequence `i`, whose rows of x are `x`. */
export function inputsOf<Input>(
  inputs: { readonly [name in JointDecoderLayerInput]?: Input },
  i: number,
  x: Input,
): { readonly [name in DecoderLayerInput]?: Input } {
  return { ...inputs, x, keys: inputs[`keys${i}`], values: inputs[`values${i}`] } as {
    readonly [name in DecoderLayerInput]?: Input;
  };
}

/** {x [ΣT, D], keys0, values0 [C0, kvHeads·headDim], keys1, …, matrices (packed), norm weights} → [ΣT, D] */
export const jointDecoderLayer: KernelDefinition<JointDecoderLayerInput, JointDecoderLayerAttrs> = {
  name: "JointDecoderLayer",
  outputs: (inputs, { sequences, ...attrs }) => {
    const [rows, size] = matrix("JointDecoderLayer", inputs, "x");
    const total = sequences.reduce((sum, sequence) => sum + sequence.rows, 0);
    demand(total === rows, "JointDecoderLayer", `x of ${rows} rows`, `${total} rows`);
    for (const [i, sequence] of sequences.entries()) {
      required("JointDecoderLayer", inputs, `keys${i}`);
      required("JointDecoderLayer", inputs, `values${i}`);
      const own: Shapes<DecoderLayerInput> = inputsOf(inputs, i, [sequence.rows, size]);
      decoderLayer.outputs(own, { ...attrs, position: sequence.position });
    }
    return [[rows, size]];
  },
};
