/** RmsNorm as TensorFlow operations. */
import type { OpBuilder, TensorValue } from "../../runtime/tensorflow/op-builder.ts";
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { rmsNorm } from "./index.ts";

export const rmsNormTensorflow = composition(rmsNorm, (f, { x, weight }, { eps }) => {
  const [rows, width] = x!.shape as [number, number];
  return [f.reshape(rmsNormGroups(f, x!, weight!, eps), rows, width)];
});

/** Rows of n·D values as n groups: [T, n, D] */
export function rmsNormGroups(f: OpBuilder, x: TensorValue, weight: TensorValue, eps: number): TensorValue {
  const [rows, width] = x.shape as [number, number];
  const size = weight.shape[0]!;
  const groups = f.reshape(x, rows, width / size, size);
  const scale = f.rsqrt(f.add(f.mean(f.square(groups)), f.number(eps))); // [T, n, 1]
  return f.mul(f.mul(groups, scale), weight);
}
