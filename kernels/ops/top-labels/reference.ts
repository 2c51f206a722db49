/** The definition of TopLabels: sums in float64; a log probability is a logit less the shift, rounded once. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { TopLabelsAttrs } from "./index.ts";

export const topLabelsReference: Reference<"x", TopLabelsAttrs> = (
  inputs,
  { count },
  [labels, logProbs, shifts],
) => {
  const x = floats(inputs, "x");
  const rows = shifts!.length;
  const width = x.length / rows;

  for (let t = 0; t < rows; t++) {
    const row = x.subarray(t * width, (t + 1) * width);
    const order = Array.from(row.keys()).sort((a, b) => row[b]! - row[a]! || a - b);
    const largest = row[order[0]!]!;
    let sum = 0;
    for (const value of row) sum += Math.exp(value - largest);
    shifts![t] = largest + Math.log(sum);
    for (let i = 0; i < count; i++) {
      labels![t * count + i] = order[i]!;
      logProbs![t * count + i] = row[order[i]!]! - shifts![t]!;
    }
  }
};
