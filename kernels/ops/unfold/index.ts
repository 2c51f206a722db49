/**
 * The windows of a convolution over time as rows: column c·K + k of row t is x[t + k − left, c], rows outside counting
 * as zero, K = left + 1 + right. With a weight [out, C, K] read as a matrix [out, C·K], Linear then is the convolution.
 * torch.nn.Unfold after a ConstantPad1d.
 */
import { demand, matrix } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface UnfoldAttrs {
  /** Rows of the past in each window. */
  readonly left: number;
  /** Rows of the future in each window. */
  readonly right: number;
}

/** {x [T, C]} → [T, C·K] */
export const unfold: KernelDefinition<"x", UnfoldAttrs> = {
  name: "Unfold",
  outputs: (inputs, { left, right }) => {
    const [rows, channels] = matrix("Unfold", inputs, "x");
    demand(left >= 0 && right >= 0, "Unfold", `${left} rows before, ${right} after`, "none or more");
    return [[rows, channels * (left + 1 + right)]];
  },
};
