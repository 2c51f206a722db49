/** What can be chosen about the backend. */
import type { Type } from "./native.ts";
import type { Arithmetic, WeightOptions } from "./weights.ts";

export interface TensorflowOptions extends Partial<WeightOptions> {
  readonly threads?: number;
  /**
   * How tokens are written: `eager` step by step, `graph` many in one call, `xla` the same with its loop compiled; by
   * default compiled on a GPU and eager on a processor, where compiling takes longer than a text.
   */
  readonly decoding?: "eager" | "graph" | "xla";
}

let chosen: TensorflowOptions = {};

/** Threads count from TensorFlow's start on; the rest for weights that are loaded later. */
export function configureTensorflow(options: TensorflowOptions): void {
  chosen = { ...chosen, ...options };
}

export function tensorflowOptions(): TensorflowOptions & WeightOptions {
  return { arithmetic: "float32", expanded: false, ...chosen };
}

/** What a product with a weight of this type is computed in: halves of an expanded matrix say so themselves. */
export function arithmeticOf(type: Type): Arithmetic {
  if (type === "float32") return "float32";
  return tensorflowOptions().arithmetic;
}
