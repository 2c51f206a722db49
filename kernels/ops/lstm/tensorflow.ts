/** Lstm as TensorFlow operations, a row at a time. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import type { TensorValue } from "../../runtime/tensorflow/op-builder.ts";
import { lstm } from "./index.ts";

export const lstmTensorflow = composition(lstm, (f, { x, weight, bias }, { reverse }) => {
  const [rows, width] = x!.shape as [number, number];
  const size = width / 4;
  const shares = f.add(x!, bias!);
  const outputs: TensorValue[] = [];
  let cell = f.constant(new Float32Array(size), [1, size]);
  let hidden = cell;
  for (let step = 0; step < rows; step++) {
    const row = f.slice(shares, [reverse ? rows - 1 - step : step, 0], [1, width]);
    const gates = f.add(row, f.matmulT(hidden, weight!));
    const gate = (i: number): TensorValue => f.slice(gates, [0, i * size], [1, size]);
    const kept = f.mul(f.sigmoid(gate(1)), cell);
    cell = f.add(kept, f.mul(f.sigmoid(gate(0)), f.tanh(gate(2))));
    hidden = f.mul(f.sigmoid(gate(3)), f.tanh(cell));
    outputs.push(hidden);
  }
  return [f.concat(reverse ? outputs.toReversed() : outputs, 0)];
});
