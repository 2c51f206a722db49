/** The definitions of the parts of attention: one query and one head at a time, sums in float64. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { ContextAttrs, ProbabilitiesAttrs, ScoresAttrs } from "./index.ts";

export const attentionScoresReference: Reference<"q" | "k", ScoresAttrs> = (inputs, attrs, [y]) => {
  const { heads, kvHeads, scale, length } = attrs;
  const [q, k] = [floats(inputs, "q"), floats(inputs, "k")];
  const [frames, width] = inputs.q!.shape as readonly [number, number];
  const headDim = width / heads;
  for (let h = 0; h < heads; h++) {
    const column = Math.floor((h * kvHeads) / heads) * headDim;
    for (let t = 0; t < frames; t++) {
      for (let s = 0; s < length; s++) {
        const [query, key] = [t * width + h * headDim, s * kvHeads * headDim + column];
        let dot = 0;
        for (let d = 0; d < headDim; d++) dot += q[query + d]! * k[key + d]!;
        y![(h * frames + t) * length + s] = dot * scale;
      }
    }
  }
};

export const attentionProbabilitiesReference: Reference<"scores", ProbabilitiesAttrs> = (
  inputs,
  { causal },
  [y],
) => {
  const scores = floats(inputs, "scores");
  const [heads, queries, positions] = inputs.scores!.shape as readonly [number, number, number];
  for (let row = 0; row < heads * queries; row++) {
    const visible = causal ? positions - queries + (row % queries) + 1 : positions;
    const seen = scores.subarray(row * positions, row * positions + visible);
    const largest = seen.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = seen.reduce((sum, score) => sum + Math.exp(score - largest), 0);
    for (let s = 0; s < visible; s++) y![row * positions + s] = Math.exp(seen[s]! - largest) / total;
  }
};

export const attentionContextReference: Reference<"probabilities" | "v", ContextAttrs> = (
  inputs,
  { kvHeads },
  [y],
) => {
  const [probabilities, v] = [floats(inputs, "probabilities"), floats(inputs, "v")];
  const [heads, queries, positions] = inputs.probabilities!.shape as readonly [number, number, number];
  const columns = inputs.v!.shape[1]!;
  const headDim = columns / kvHeads;
  for (let h = 0; h < heads; h++) {
    const column = Math.floor((h * kvHeads) / heads) * headDim;
    for (let t = 0; t < queries; t++) {
      for (let d = 0; d < headDim; d++) {
        let sum = 0;
        for (let s = 0; s < positions; s++) {
          sum += probabilities[(h * queries + t) * positions + s]! * v[s * columns + column + d]!;
        }
        y![(t * heads + h) * headDim + d] = sum;
      }
    }
  }
};
