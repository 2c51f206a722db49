/** The parts of attention as TensorFlow operations, batched as attention itself is. */
import { headsTogether, queriesByHead, rowsByHead } from "../attention/tensorflow.ts";
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { attentionContext, attentionProbabilities, attentionScores } from "./index.ts";

export const attentionScoresTensorflow = composition(attentionScores, (f, inputs, attrs) => {
  const { heads, kvHeads, scale, length } = attrs;
  const q = queriesByHead(f, f.mul(inputs.q!, f.number(scale)), heads, kvHeads); // [H', G·T, d]
  const k = rowsByHead(f, f.firstRows(inputs.k!, length), kvHeads); // [H', S, d]
  return [f.reshape(f.matmulT(q, k), heads, inputs.q!.shape[0]!, length)];
});

export const attentionProbabilitiesTensorflow = composition(
  attentionProbabilities,
  (f, inputs, { causal }) => {
    const scores = inputs.scores!;
    const [, queries, positions] = scores.shape as [number, number, number];
    const mask = causal ? f.causalMask(queries, positions, positions) : undefined;
    return [f.softmax(mask === undefined ? scores : f.add(scores, mask))];
  },
);

export const attentionContextTensorflow = composition(attentionContext, (f, inputs, { kvHeads }) => {
  const probabilities = inputs.probabilities!;
  const [heads, queries, positions] = probabilities.shape as [number, number, number];
  const v = rowsByHead(f, f.firstRows(inputs.v!, positions), kvHeads); // [H', S, d]
  const weights = f.reshape(probabilities, kvHeads, (heads / kvHeads) * queries, positions);
  return [headsTogether(f, f.matmul(weights, v), queries, heads * v.shape[2]!)];
});
