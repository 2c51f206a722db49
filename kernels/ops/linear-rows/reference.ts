/** The definition of LinearRows: products with rows that are decoded exactly, summed in float64. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import { readRow } from "../linear/reference.ts";
import type { LinearRowsAttrs } from "./index.ts";

export const linearRowsReference: Reference<"x" | "weight" | "bias", LinearRowsAttrs> = (
  inputs,
  { format, columns, ids },
  [y],
) => {
  const x = floats(inputs, "x");
  const frames = x.length / columns;
  const row = new Float32Array(columns);

  for (const [i, id] of ids.entries()) {
    readRow(inputs.weight!, format, id, row);
    const bias = inputs.bias?.values[id] ?? 0;
    for (let t = 0; t < frames; t++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += x[t * columns + j]! * row[j]!;
      y![t * ids.length + i] = sum + bias;
    }
  }
};
