/**
 * Transposed convolution over time whose stride is its kernel: every row becomes K rows,
 * y[t·K + k, o] = bias[o] + Σ_i x[t, i] · weight[i, o, k]. torch.nn.ConvTranspose1d with kernel_size = stride.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

/** {x [T, I], weight [I, O, K], bias [O]} → [T·K, O] */
export const convTranspose: KernelDefinition<"x" | "weight" | "bias", object> = {
  name: "ConvTranspose",
  outputs: (inputs) => {
    const [rows, channels] = matrix("ConvTranspose", inputs, "x");
    const weight = required("ConvTranspose", inputs, "weight");
    const bias = required("ConvTranspose", inputs, "bias");
    const [inputSize, outputSize, taps] = weight;
    const fits = weight.length === 3 && inputSize === channels && bias.length === 1 && bias[0] === outputSize;
    const found = `weight [${weight.join(", ")}], bias [${bias.join(", ")}]`;
    demand(fits, "ConvTranspose", found, `[${channels}, O, K], [O]`);
    return [[rows * taps!, outputSize!]];
  },
};
