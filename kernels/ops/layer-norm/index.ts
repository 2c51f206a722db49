/**
 * Layer normalization: y = (x − mean(x)) / √(var(x) + eps) · weight + bias over the last dimension,
 * with the biased variance. Ba et al., arXiv:1607.06450; torch.nn.LayerNorm.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface LayerNormAttrs {
  readonly eps: number;
}

/** {x [T, D], weight [D], bias [D]} → [T, D] */
export const layerNorm: KernelDefinition<"x" | "weight" | "bias", LayerNormAttrs> = {
  name: "LayerNorm",
  outputs: (inputs, { eps }) => {
    const [rows, size] = matrix("LayerNorm", inputs, "x");
    for (const name of ["weight", "bias"] as const) {
      const shape = required("LayerNorm", inputs, name);
      demand(
        shape.length === 1 && shape[0] === size,
        "LayerNorm",
        `${name} is [${shape.join(", ")}]`,
        `[${size}]`,
      );
    }
    demand(eps > 0, "LayerNorm", `eps ${eps}`, "eps > 0");
    return [[rows, size]];
  },
};
