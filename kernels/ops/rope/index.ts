/**
 * Rotary position embedding, rotate-half form: in each head of D values the pair (j, j + D/2) of row t is rotated by
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
