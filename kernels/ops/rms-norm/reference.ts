/** The definition of RmsNorm. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { RmsNormAttrs } from "./index.ts";

export const rmsNormReference: Reference<"x" | "weight", RmsNormAttrs> = (inputs, { eps }, [y]) => {
  const x = floats(inputs, "x");
  const weight = floats(inputs, "weight");
  const size = weight.length;

  for (let start = 0; start < x.length; start += size) {
    let squares = 0;
    for (let i = 0; i < size; i++) squares += x[start + i]! ** 2;
    const scale = 1 / Math.sqrt(squares / size + eps);
    for (let i = 0; i < size; i++) y![start + i] = x[start + i]! * scale * weight[i]!;
  }
};
