/** Attention as TensorFlow operations: a batch for each head of keys and values, whose queries are stacked. */
import type { OpBuilder, TensorValue } from "../../runtime/tensorflow/op-builder.ts";
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { attention } from "./index.ts";

export const attentionTensorflow = composition(attention, (f, inputs, attrs) => {
  const { heads, kvHeads, scale, causal, length } = attrs;
  const [queries, width] = inputs.q!.shape as [number, number];
  const used = (cache: TensorValue): TensorValue =>
    causal ? f.used(cache, length) : f.firstRows(cache, length);
  const k = rowsByHead(f, used(inputs.k!), kvHeads); // [H', S, d]
  const v = rowsByHead(f, used(inputs.v!), kvHeads);
  const rows = k.shape[1]!;

  const q = queriesByHead(f, f.mul(inputs.q!, f.number(scale)), heads, kvHeads);
  const scores = f.reshape(f.matmulT(q, k), kvHeads, heads / kvHeads, queries, rows);
  const mask = causal ? f.causalMask(queries, length, rows) : undefined;
  const weights = f.softmax(mask === undefined ? scores : f.add(scores, mask));
  const context = f.matmul(f.reshape(weights, kvHeads, (heads / kvHeads) * queries, rows), v); // [H', G·T, d]
  return [headsTogether(f, context, queries, width)];
});

/** Keys or values [S, H'·d] to [H', S, d]. */
export function rowsByHead(f: OpBuilder, x: TensorValue, kvHeads: number): TensorValue {
  const [rows, columns] = x.shape as [number, number];
  return f.transpose(f.reshape(x, rows, kvHeads, columns / kvHeads), 1, 0, 2);
}

/** Queries [T, H·d] to [H', G·T, d]: those of a group's G heads, one head after the other. */
export function queriesByHead(f: OpBuilder, x: TensorValue, heads: number, kvHeads: number): TensorValue {
  const [queries, width] = x.shape as [number, number];
  const [group, headDim] = [heads / kvHeads, width / heads];
  const apart = f.transpose(f.reshape(x, queries, kvHeads, group, headDim), 1, 2, 0, 3);
  return f.reshape(apart, kvHeads, group * queries, headDim);
}

/** The inverse of {@link queriesByHead}: [H', G·T, d] to [T, H·d]. */
export function headsTogether(f: OpBuilder, x: TensorValue, queries: number, width: number): TensorValue {
  const [kvHeads, stacked, headDim] = x.shape as [number, number, number];
  const apart = f.reshape(x, kvHeads, stacked / queries, queries, headDim);
  return f.reshape(f.transpose(apart, 2, 0, 1, 3), queries, width);
}
