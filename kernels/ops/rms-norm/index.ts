/**
 * Root mean square normalization: y = x / √(mean(x²) + eps) · weight. The weight's length D is the width of what is
 * normalized: rows of n·D values are n groups (Qwen3's q_norm and k_norm normalize each head).
 * Zhang & Sennrich, arXiv:1910.07467; transformers' Qwen3RMSNorm.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface RmsNormAttrs {
  readonly eps: number;
}

/** {x [T, n·D], weight [D]} → [T, n·D] */
export const rmsNorm: KernelDefinition<"x" | "weight", RmsNormAttrs> = {
  name: "RmsNorm",
  outputs: (inputs, { eps }) => {
    const [rows, width] = matrix("RmsNorm", inputs, "x");
    const weight = required("RmsNorm", inputs, "weight");
    const size = weight[0] ?? 0;
    demand(weight.length === 1 && size > 0, "RmsNorm", `weight is [${weight.join(", ")}]`, "[D]");
    demand(width % size === 0, "RmsNorm", `rows of ${width}`, `a multiple of ${size}`);
    demand(eps > 0, "RmsNorm", `eps ${eps}`, "eps > 0");
    return [[rows, width]];
  },
};
