/** Linear as the `wasm` backend computes it, and as its definition does. */
import { linear } from "../../../kernels/ops/linear/index.ts";
import type { LinearAttrs } from "../../../kernels/ops/linear/index.ts";
import { linearReference } from "../../../kernels/ops/linear/reference.ts";
import { runReference, runWasm } from "./wasm-kernels.ts";

/** One result for each weight. */
export const onWasm = (inputs: Parameters<typeof runWasm>[1], attrs: object): Float32Array[] =>
  runWasm(linear, inputs, attrs);

export const byDefinition = (
  inputs: { readonly [input: string]: unknown },
  attrs: LinearAttrs,
): Float32Array[] =>
  runReference(linear, linearReference, inputs as Parameters<typeof linearReference>[0], attrs);
