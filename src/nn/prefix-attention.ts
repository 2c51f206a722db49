/**
 * Attention of FunASR's SANMVadEncoder in its last layer: rows of an earlier segment of speech do not see those of the present
 * one. Of a prefix of n rows, 0 < n < T, the first n − 1 see the n rows of the prefix; the rows from number n − 1 on see
 * all, and so do all rows where there is no such prefix. Source: FunASR vad_mask.
 */
import { attentionStages } from "./attention.ts";
import type { AttentionConfig } from "./attention.ts";
import {
  add,
  attention as attentionKernel,
  attentionContext,
  attentionProbabilities,
  attentionScores,
  concatRows,
  rows,
  tensor,
} from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Weights } from "./weights.ts";

/** From q, k, v [T, heads·d] to [T, heads·d]. Its stages are those of `attention`, the scores without the mask. */
export function prefixAttention(
  w: Weights,
  config: Pick<AttentionConfig, "heads" | "headDim">,
): (q: Tensor, k: Tensor, v: Tensor, prefix: number) => Tensor {
  const { heads, headDim } = config;
  const compute = attentionStages(w, config);
  const scale = headDim ** -0.5;

  return (q, k, v, prefix) => {
    const length = q.shape[0]!;
    const masked = prefix < length ? Math.max(prefix - 1, 0) : 0; // rows that do not see all
    const attend = (queries: Tensor, keys: Tensor, values: Tensor): Tensor => {
      const attrs = { heads, kvHeads: heads, scale, causal: false, length: keys.shape[0]! };
      return attentionKernel(queries, keys, values, attrs);
    };
    // copies of the prefix: of a longer tensor a kernel may keep the rows in use only, as of a cache
    const ofPrefix = (): Tensor => attend(rows(q, 0, masked), rows(k, 0, prefix), rows(v, 0, prefix));
    return compute({
      whole: () =>
        masked === 0
          ? attend(q, k, v)
          : concatRows(ofPrefix(), attend(rows(q, masked, length - masked), k, v)),
      scores: () => attentionScores(q, k, { heads, kvHeads: heads, scale, length }),
      probabilities: (scores) => {
        const seen = masked === 0 ? scores : add(scores, mask(heads, length, masked, prefix));
        return attentionProbabilities(seen, false);
      },
      context: (probabilities) => attentionContext(probabilities, v, heads),
    });
  };
}

/** −∞ where one of the first `masked` rows would see a column after the prefix, 0 elsewhere. */
function mask(heads: number, length: number, masked: number, prefix: number): Tensor {
  const values = new Float32Array(heads * length * length);
  for (let head = 0; head < heads; head++) {
    for (let row = 0; row < masked; row++) {
      const start = (head * length + row) * length;
      values.fill(-Infinity, start + prefix, start + length);
    }
  }
  return tensor(values, [heads, length, length]);
}
