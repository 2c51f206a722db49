/**
 * The recurrent half of an LSTM layer, in one direction. x holds the input's share W_ih·x + b_ih of the four gates, in
 * PyTorch's order i, f, g, o; then, with (i, f, g, o)ₜ = xₜ + W_hh·hₜ₋₁ + b_hh,
 * cₜ = σ(f)·cₜ₋₁ + σ(i)·tanh(g) and hₜ = σ(o)·tanh(cₜ); c and h begin at zero. `reverse` goes from the last row to the
 * first. The rows may be those of several sequences, each of which begins at zero. Hochreiter and Schmidhuber, 1997;
 * torch.nn.LSTM.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface LstmAttrs {
  readonly reverse: boolean;
  /** Rows of each sequence, one sequence after the other; all rows are of one by default. */
  readonly lengths?: readonly number[] | undefined;
}

/** {x [T, 4·H], weight [4·H, H], bias [4·H]} → [T, H] */
export const lstm: KernelDefinition<"x" | "weight" | "bias", LstmAttrs> = {
  name: "Lstm",
  outputs: (inputs, { lengths }) => {
    const [rows, gates] = matrix("Lstm", inputs, "x");
    const [weightRows, size] = matrix("Lstm", inputs, "weight");
    const bias = required("Lstm", inputs, "bias");
    const found = `x [${rows}, ${gates}], weight [${weightRows}, ${size}], bias [${bias.join(", ")}]`;
    const fits = gates === 4 * size && weightRows === gates && bias.length === 1 && bias[0] === gates;
    demand(fits, "Lstm", found, "[T, 4·H], [4·H, H], [4·H]");
    const covered = lengths?.reduce((sum, length) => sum + length, 0) ?? rows;
    demand(covered === rows, "Lstm", `lengths of ${covered} rows`, `${rows}, as x has`);
    return [[rows, size]];
  },
};
