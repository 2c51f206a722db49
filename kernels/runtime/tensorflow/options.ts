/**
 * The options of the backend `tensorflow` that count now. TensorFlow is one per process, but engines may choose other
 * options: each sets its own when its backend becomes the current one.
 */
import type { Arithmetic, BackendOptions } from "../../backend.ts";
import type { Type } from "./native.ts";
import type { WeightOptions } from "./weights.ts";

let current: BackendOptions = {};

/** Threads count from TensorFlow's start on, once per process; the rest until other options are set. */
export function configureTensorflow(options: BackendOptions): void {
  current = options;
}

export function tensorflowOptions(): BackendOptions & WeightOptions {
  return withDefaults(current);
}

export function withDefaults(options: BackendOptions): BackendOptions & WeightOptions {
  return { ...options, arithmetic: options.arithmetic ?? "float32", expanded: options.expanded ?? false };
}

/** The type that a product with a weight of this type is computed in. */
export function arithmeticOf(type: Type): Arithmetic {
  if (type === "float32") return "float32";
  return tensorflowOptions().arithmetic;
}
