/** Lstm as TensorFlow operations, a row at a time. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import type { TensorValue } from "../../runtime/tensorflow/op-builder.ts";
import { lstm } from "./index.ts";

export const lstmTensorflow = composition(lstm, (f, { x, weight, bias }, { reverse, lengths }) => {
  const [rows, width] = x!.shape as [number, number];
  const size = width / 4;
  const shares = f.add(x!, bias!);
  const zero = f.constant(new Float32Array(size), [1, size]);
  const sequence = (first: number, length: number): TensorValue[] => {
    const outputs: TensorValue[] = [];
    let [cell, hidden] = [zero, zero];
    for (let step = 0; step < length; step++) {
      const row = f.slice(shares, [first + (reverse ? length - 1 - step : step), 0], [1, width]);
      const gates = f.add(row, f.matmulT(hidden, weight!));
      const gate = (i: number): TensorValue => f.slice(gates, [0, i * size], [1, size]);
      const kept = f.mul(f.sigmoid(gate(1)), cell);
      cell = f.add(kept, f.mul(f.sigmoid(gate(0)), f.tanh(gate(2))));
      hidden = f.mul(f.sigmoid(gate(3)), f.tanh(cell));
      outputs.push(hidden);
    }
    return reverse ? outputs.toReversed() : outputs;
  };
  let first = 0;
  const outputs = (lengths ?? [rows]).flatMap((length) => {
    first += length;
    return sequence(first - length, length);
  });
  return [f.concat(outputs, 0)];
});
