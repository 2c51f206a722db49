/** The definition of LayerNorm: two passes in float64. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { LayerNormAttrs } from "./index.ts";

export const layerNormReference: Reference<"x" | "weight" | "bias", LayerNormAttrs> = (
  inputs,
  { eps },
  [y],
) => {
  const x = floats(inputs, "x");
  const weight = floats(inputs, "weight");
  const bias = floats(inputs, "bias");
  const size = weight.length;

  for (let start = 0; start < x.length; start += size) {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += x[start + i]!;
    const mean = sum / size;

    let squares = 0;
    for (let i = 0; i < size; i++) squares += (x[start + i]! - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / size + eps);

    for (let i = 0; i < size; i++) y![start + i] = (x[start + i]! - mean) * scale * weight[i]! + bias[i]!;
  }
};
