/** The definition of Lstm: gates and states in float64. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { LstmAttrs } from "./index.ts";

export const lstmReference: Reference<"x" | "weight" | "bias", LstmAttrs> = (
  inputs,
  { reverse, lengths },
  [y],
) => {
  const x = floats(inputs, "x");
  const weight = floats(inputs, "weight");
  const bias = floats(inputs, "bias");
  const [frames, width] = inputs.x!.shape as readonly [number, number];
  const size = width / 4;
  const gates = new Float64Array(width);
  const cell = new Float64Array(size);
  const hidden = new Float64Array(size);

  const runStep = (t: number): void => {
    for (let g = 0; g < width; g++) {
      let sum = x[t * width + g]! + bias[g]!;
      for (let d = 0; d < size; d++) sum += weight[g * size + d]! * hidden[d]!;
      gates[g] = sum;
    }
    for (let d = 0; d < size; d++) {
      const [input, forget] = [sigmoid(gates[d]!), sigmoid(gates[size + d]!)];
      const [candidate, output] = [Math.tanh(gates[2 * size + d]!), sigmoid(gates[3 * size + d]!)];
      cell[d] = forget * cell[d]! + input * candidate;
      hidden[d] = output * Math.tanh(cell[d]!);
      y![t * size + d] = hidden[d]!;
    }
  };

  let first = 0;
  for (const length of lengths ?? [frames]) {
    cell.fill(0);
    hidden.fill(0);
    for (let step = 0; step < length; step++) runStep(first + (reverse ? length - 1 - step : step));
    first += length;
  }
};

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
