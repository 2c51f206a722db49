/**
 * Some outputs of a linear map, y = x · W[ids]ᵀ + b[ids]: for a head as wide as a vocabulary, the logits
 * of a text's labels. They equal those of Linear, to the byte where Linear's do not depend on the other outputs.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";
import type { Format } from "../../formats/table.ts";

export interface LinearRowsAttrs {
  /** Storage format of the weight, its rows and columns. */
  readonly format: Format;
  readonly rows: number;
  readonly columns: number;
  /** Row numbers, 0 ≤ id < rows. */
  readonly ids: readonly number[];
}

/** {x [T, columns], weight (packed), bias [rows] or none} → [T, ids] */
export const linearRows: KernelDefinition<"x" | "weight" | "bias", LinearRowsAttrs> = {
  name: "LinearRows",
  outputs: (inputs, { rows, columns, ids }) => {
    const [frames, width] = matrix("LinearRows", inputs, "x");
    demand(width === columns, "LinearRows", `x has ${width} columns`, `${columns}`);
    required("LinearRows", inputs, "weight");
    const { bias } = inputs;
    demand(
      bias === undefined || (bias.length === 1 && bias[0] === rows),
      "LinearRows",
      `bias is [${bias?.join(", ")}]`,
      `[${rows}]`,
    );
    demand(ids.length > 0, "LinearRows", "no row numbers", "at least one");
    const stray = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= rows);
    demand(stray === undefined, "LinearRows", `row ${stray}`, `an integer from 0 to ${rows - 1}`);
    return [[frames, ids.length]];
  },
};
