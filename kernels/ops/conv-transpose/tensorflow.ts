/** ConvTranspose as TensorFlow operations: one product, whose columns are then sorted by tap. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { convTranspose } from "./index.ts";

export const convTransposeTensorflow = composition(convTranspose, (f, { x, weight, bias }) => {
  const rows = x!.shape[0]!;
  const [channels, size, taps] = weight!.shape as [number, number, number];
  const product = f.matmul(x!, f.reshape(weight!, channels, size * taps)); // [T, O·K]
  const sorted = f.transpose(f.reshape(product, rows, size, taps), 0, 2, 1); // [T, K, O]
  return [f.add(f.reshape(sorted, rows * taps, size), bias!)];
});
