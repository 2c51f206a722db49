/** Rope as TensorFlow operations. */
import type { OpBuilder, TensorValue } from "../../runtime/tensorflow/op-builder.ts";
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { rope } from "./index.ts";
import type { RopeAttrs } from "./index.ts";

export const ropeTensorflow = composition(rope, (f, { x }, attrs) => {
  const [rows, width] = x!.shape as [number, number];
  return [rotated(f, f.reshape(x!, rows, width / attrs.headDim, attrs.headDim), attrs)];
});

/** Heads [T, n, D] rotated by their positions: [T, n·D] */
export function rotated(
  f: OpBuilder,
  heads: TensorValue,
  { headDim, theta, position }: RopeAttrs,
): TensorValue {
  const [rows, count] = heads.shape as [number, number];
  const half = headDim / 2;
  const angles = f.rotation({ headDim, theta }, position, rows);
  const cos = f.reshape(angles.cos, rows, 1, half);
  const sin = f.reshape(angles.sin, rows, 1, half);
  const a = f.slice(heads, [0, 0, 0], [rows, count, half]);
  const b = f.slice(heads, [0, 0, half], [rows, count, half]);
  const left = f.sub(f.mul(a, cos), f.mul(b, sin));
  const right = f.add(f.mul(b, cos), f.mul(a, sin));
  return f.reshape(f.concat([left, right], 2), rows, count * headDim);
}
