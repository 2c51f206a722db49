/**
 * One to three linear maps of the same input, y_i = act(x · W_iᵀ + b_i): they share what a backend prepares from x
 * (q, k and v; gate and up). Weights are [out, in] in any storage format of `formats/table.ts`, packed by the
 * backend's weight store.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";
import type { Format } from "../../formats/table.ts";

export type Activation = "none" | "relu";

export interface LinearAttrs {
  /** Storage format of each weight. */
  readonly formats: readonly Format[];
  /** Rows of each weight. */
  readonly outFeatures: readonly number[];
  readonly inFeatures: number;
  readonly activation: Activation;
}

export type LinearInput = "x" | "weight0" | "weight1" | "weight2" | "bias0" | "bias1" | "bias2";

export const weightNames = ["weight0", "weight1", "weight2"] as const;
export const biasNames = ["bias0", "bias1", "bias2"] as const;

/** {x [T, in], weight_i (packed), bias_i [out_i] or none} → [T, out_i] each */
export const linear: KernelDefinition<LinearInput, LinearAttrs> = {
  name: "Linear",
  outputs: (inputs, { formats, outFeatures, inFeatures }) => {
    const [rows, columns] = matrix("Linear", inputs, "x");
    demand(columns === inFeatures, "Linear", `x has ${columns} columns`, `${inFeatures}`);
    const count = formats.length;
    demand(count >= 1 && count <= 3 && outFeatures.length === count, "Linear", `${count} weights`, "1 to 3");
    return outFeatures.map((size, i) => {
      required("Linear", inputs, weightNames[i]!);
      const bias = inputs[biasNames[i]!];
      const fits = bias === undefined || (bias.length === 1 && bias[0] === size);
      demand(fits, "Linear", `${biasNames[i]} is [${bias?.join(", ")}]`, `[${size}]`);
      return [rows, size];
    });
  },
};
