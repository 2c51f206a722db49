/**
 * Attention as the models use it: one kernel, until somebody wants to see the scores or the probabilities. Then these
 * are computed on the side, head by head, and used only if the listener gives something else back: whoever merely
 * listens changes nothing.
 */
import {
  add,
  attention as attentionKernel,
  concatColumns,
  concatRows,
  matmul,
  reshape,
  rows,
  scale,
  softmax,
} from "./ops.ts";
import { splitColumns, tensor } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Weights } from "./weights.ts";

export interface AttentionConfig {
  readonly heads: number;
  readonly headDim: number;
  /** Heads of keys and values, a divisor of `heads`; as many by default. */
  readonly kvHeads?: number;
  /** The queries are the last of the positions, and see none after themselves. */
  readonly causal?: boolean;
  /** How many keys there are, for the list of stages, where these are not the query's own positions. */
  readonly positions?: string;
}

/** From q [T, heads·d] and k, v [S, kvHeads·d], of which the first `length` rows count, to [T, heads·d]. */
export type Attention = (q: Tensor, k: Tensor, v: Tensor, length?: number) => Tensor;

/** Announces `scores` and `probabilities` [heads, T, S] and `context` [T, heads·d] below the cursor. */
export function attention(w: Weights, config: AttentionConfig): Attention {
  const { heads, headDim, kvHeads = heads, causal = false, positions = w.rows } = config;
  const scores = w.stage("scores", [heads, w.rows, positions], { heads });
  const probabilities = w.stage("probabilities", [heads, w.rows, positions], { heads });
  const context = w.stage("context", heads * headDim, { heads });

  return (q, k, v, length = k.shape[0]!) => {
    const attrs = { heads, kvHeads, scale: headDim ** -0.5, causal, length };
    const fused = (): Tensor => attentionKernel(q, k, v, attrs);
    if (!scores.watched && !probabilities.watched) return context.offer(fused());

    const keys = splitColumns(rows(k, 0, length), kvHeads); // [S, d] each
    const queries = splitColumns(scale(q, attrs.scale), heads); // [T, d] each
    const group = heads / kvHeads;
    const raw = stack(queries.map((query, h) => matmul(query, keys[Math.floor(h / group)]!, true)));
    const seen = scores.offer(raw); // [heads, T, S]
    const weights = normalise(seen, causal);
    const used = probabilities.offer(weights);
    if (seen === raw && used === weights) return context.offer(fused());

    const values = splitColumns(rows(v, 0, length), kvHeads); // [S, d] each
    const parts = unstack(used).map((weight, h) => matmul(weight, values[Math.floor(h / group)]!)); // [T, d] each
    return context.offer(concatColumns(...parts));
  };
}

/** Scores [heads, T, S] to probabilities; none for what lies in a query's future. */
function normalise(scores: Tensor, causal: boolean): Tensor {
  const [heads, queries, positions] = scores.shape as [number, number, number];
  const flat = reshape(scores, [heads * queries, positions]);
  const masked = causal ? add(flat, future(heads, queries, positions)) : flat;
  return reshape(softmax(masked), [heads, queries, positions]);
}

/** 0 for a position that a query sees, −10⁹ for one after itself; the queries are the last of the positions. */
function future(heads: number, queries: number, positions: number): Tensor {
  const mask = new Float32Array(heads * queries * positions);
  for (let row = 0; row < heads * queries; row++) {
    mask.fill(-1e9, row * positions + positions - queries + (row % queries) + 1, (row + 1) * positions);
  }
  return tensor(mask, [heads * queries, positions]);
}

const stack = (parts: readonly Tensor[]): Tensor =>
  reshape(concatRows(...parts), [parts.length, ...parts[0]!.shape]);

function unstack(x: Tensor): Tensor[] {
  const [count, rowCount, columns] = x.shape as [number, number, number];
  const flat = reshape(x, [count * rowCount, columns]);
  return Array.from({ length: count }, (_, i) => rows(flat, i * rowCount, rowCount));
}
