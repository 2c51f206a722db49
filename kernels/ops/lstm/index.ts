/**
 * The recurrent half of an LSTM layer, in one direction. x holds the input's share W_ih·x + b_ih of the four gates, in
 * PyTorch's order i, f, g, o; then, with (i, f, g, o)ₜ = xₜ + W_hh·hₜ₋₁ + b_hh,
 * cₜ = σ(f)·cₜ₋₁ + σ(i)·tanh(g) and hₜ = σ(o)·tanh(cₜ); c and h begin at zero. `reverse` goes from the last row to the
 * first. Hochreiter and Schmidhuber, 1997; torch.nn.LSTM.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface LstmAttrs {
  readonly reverse: boolean;
}

/** {x [T, 4·H], weight [4·H, H], bias [4·H]} → [T, H] */
export const lstm: KernelDefinition<"x" | "weight" | "bias", LstmAttrs> = {
  name: "Lstm",
  outputs: (inputs) => {
    const [rows, gates] = matrix("Lstm", inputs, "x");
    const [weightRows, size] = matrix("Lstm", inputs, "weight");
    const bias = required("Lstm", inputs, "bias");
    const found = `x [${rows}, ${gates}], weight [${weightRows}, ${size}], bias [${bias.join(", ")}]`;
    const fits = gates === 4 * size && weightRows === gates && bias.length === 1 && bias[0] === gates;
    demand(fits, "Lstm", found, "[T, 4·H], [4·H, H], [4·H]");
    return [[rows, size]];
  },
};
