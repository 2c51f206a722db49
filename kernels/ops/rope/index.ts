/**
 * Rotary position embedding, rotate-half form: in each head of D values the pair (j, j + D/2) of row t turns by
 * (position + t)·theta^(−2j/D). Angles are rounded to float32, as transformers computes them.
 * Su et al., arXiv:2104.09864; transformers' Qwen3RotaryEmbedding.
 */
import { demand, matrix } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface RopeAttrs {
  readonly headDim: number;
  readonly theta: number;
  /** Position of the first row. */
  readonly position: number;
}

/** {x [T, heads·D]} → [T, heads·D] */
export const rope: KernelDefinition<"x", RopeAttrs> = {
  name: "Rope",
  outputs: (inputs, { headDim, theta, position }) => {
    const [rows, width] = matrix("Rope", inputs, "x");
    demand(
      headDim % 2 === 0 && width % headDim === 0,
      "Rope",
      `head of ${headDim} in ${width}`,
      "an even divisor",
    );
    demand(
      theta > 1 && position >= 0,
      "Rope",
      `theta ${theta}, position ${position}`,
      "theta > 1, position >= 0",
    );
    return [[rows, width]];
  },
};

/** theta^(−2j/D) for j < D/2, each rounded to float32. */
export function inverseFrequencies({ headDim, theta }: RopeAttrs): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, j) => 1 / Math.fround(theta ** ((2 * j) / headDim)));
}
