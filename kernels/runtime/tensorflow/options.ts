/** Options of the backend. */
import type { Type } from "./native.ts";
import type { Arithmetic, WeightOptions } from "./weights.ts";

export interface TensorflowOptions extends Partial<WeightOptions> {
  readonly threads?: number;
  /**
   * How tokens are generated: `eager` step by step, `graph` many in one call, `xla` the same with a loop that XLA
   * compiles; `xla` by default on a GPU, and `eager` on a CPU, where compiling takes longer than generating a text.
   */
  readonly decoding?: "eager" | "graph" | "xla";
}

let chosen: TensorflowOptions = {};

/** `threads` takes effect at TensorFlow's start, the rest for weights that are loaded later. */
export function configureTensorflow(options: TensorflowOptions): void {
  chosen = { ...chosen, ...options };
}

export function tensorflowOptions(): TensorflowOptions & WeightOptions {
  return { arithmetic: "float32", expanded: false, ...chosen };
}

/** The type that a product with a weight of this type is computed in. */
export function arithmeticOf(type: Type): Arithmetic {
  if (type === "float32") return "float32";
  return tensorflowOptions().arithmetic;
}
