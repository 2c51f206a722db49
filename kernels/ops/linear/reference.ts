/** The definition of Linear: each weight row is decoded exactly, products are summed in float64. */
import { floats } from "../../kernel.ts";
import type { Operand, Reference } from "../../kernel.ts";
import { byteLength } from "../../formats/table.ts";
import { unpackRow } from "../../formats/index.ts";
import { biasNames, weightNames } from "./index.ts";
import type { LinearAttrs, LinearInput } from "./index.ts";

export const linearReference: Reference<LinearInput, LinearAttrs> = (inputs, attrs, outputs) => {
  const x = floats(inputs, "x");
  const { inFeatures, formats, activation } = attrs;
  const frames = x.length / inFeatures;
  const row = new Float32Array(inFeatures);

  for (const [i, y] of outputs.entries()) {
    const weight = inputs[weightNames[i]!] as Operand;
    const bias = inputs[biasNames[i]!]?.values;
    const format = formats[i]!;
    const size = attrs.outFeatures[i]!;

    for (let o = 0; o < size; o++) {
      readRow(weight, format, o, row);
      for (let t = 0; t < frames; t++) {
        const start = t * inFeatures;
        let sum = 0;
        for (let j = 0; j < inFeatures; j++) sum += x[start + j]! * row[j]!;
        const value = sum + (bias === undefined ? 0 : bias[o]!);
        y[t * size + o] = activation === "relu" ? Math.max(value, 0) : value;
      }
    }
  }
};

/** Row `index` of a packed matrix, as float32. */
export function readRow(
  weight: Operand,
  format: LinearAttrs["formats"][number],
  index: number,
  row: Float32Array,
): void {
  const { values } = weight;
  if (values instanceof Float32Array) row.set(values.subarray(index * row.length, (index + 1) * row.length));
  else unpackRow(format, values, index * byteLength(format, row.length), row, row.length);
}
