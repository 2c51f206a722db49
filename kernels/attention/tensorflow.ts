/** Attention as TensorFlow operations: a batch for each head of keys and values, whose queries are stacked. */
import { composition } from "../tensorflow/kernel.ts";
import type { Value } from "../tensorflow/flow.ts";
import { attention } from "./index.ts";

export const attentionTensorflow = composition(attention, (f, inputs, attrs) => {
  const { heads, kvHeads, scale, causal, length } = attrs;
  const [queries, width] = inputs.q!.shape as [number, number];
  const headDim = width / heads;
  const group = heads / kvHeads;
  const byHead = (cache: Value): Value => {
    const used = causal ? f.used(cache, length) : f.firstRows(cache, length);
    return f.transpose(f.reshape(used, used.shape[0]!, kvHeads, headDim), 1, 0, 2); // [H', S, d]
  };
  const k = byHead(inputs.k!);
  const v = byHead(inputs.v!);
  const rows = k.shape[1]!;

  const scaled = f.mul(inputs.q!, f.number(scale));
  const q = f.reshape(
    f.transpose(f.reshape(scaled, queries, kvHeads, group, headDim), 1, 2, 0, 3),
    kvHeads,
    group * queries,
    headDim,
  );
  const scores = f.reshape(f.matmulT(q, k), kvHeads, group, queries, rows);
  const mask = causal ? f.causalMask(queries, length, rows) : undefined;
  const weights = f.softmax(mask === undefined ? scores : f.add(scores, mask));
  const context = f.matmul(f.reshape(weights, kvHeads, group * queries, rows), v); // [H', G·T, d]
  const merged = f.transpose(f.reshape(context, kvHeads, group, queries, headDim), 2, 0, 1, 3);
  return [f.reshape(merged, queries, width)];
});
