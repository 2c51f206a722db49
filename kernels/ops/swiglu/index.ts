/** The gate of a SwiGLU feed-forward: silu(gate) · up, silu(x) = x / (1 + e^−x). Shazeer, arXiv:2002.05202. */
import { demand, matrix } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

/** {gate [T, D], up [T, D]} → [T, D] */
export const swiglu: KernelDefinition<"gate" | "up", object> = {
  name: "SwiGlu",
  outputs: (inputs) => {
    const [rows, columns] = matrix("SwiGlu", inputs, "gate");
    const up = matrix("SwiGlu", inputs, "up");
    demand(
      up[0] === rows && up[1] === columns,
      "SwiGlu",
      `up is [${up.join(", ")}]`,
      `[${rows}, ${columns}]`,
    );
    return [[rows, columns]];
  },
};
