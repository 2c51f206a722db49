/**
 * Attention as the models use it: one kernel, unless a hook wants the scores or the probabilities. Then these are
 * computed in addition, and used only where the hook replaces them: a hook that only reads changes nothing.
 */
import {
  attention as attentionKernel,
  attentionContext,
  attentionProbabilities,
  attentionScores,
} from "./ops.ts";
import type { Tensor } from "./ops.ts";
import { stage } from "./stage.ts";
import type { HookPoint } from "./stage.ts";
import type { Weights } from "./weights.ts";

export interface AttentionConfig {
  readonly heads: number;
  readonly headDim: number;
  /** Heads of keys and values, a divisor of `heads`; as many by default. */
  readonly kvHeads?: number;
  /** The queries are the last of the positions, and attend to none after themselves. */
  readonly causal?: boolean;
  /** The number of keys, for the list of stages, where these are not at the queries' own positions. */
  readonly positions?: string;
}

/** From q [T, heads·d] and the first `length` rows of k, v [S, kvHeads·d] to [T, heads·d]. */
export type Attention = (q: Tensor, k: Tensor, v: Tensor, length?: number) => Tensor;

export function attention(w: Weights, config: AttentionConfig): Attention {
  const { heads, headDim, kvHeads = heads, causal = false } = config;
  const compute = attentionStages(w, config);
  return (q, k, v, length = k.shape[0]!) => {
    const attrs = { heads, kvHeads, scale: headDim ** -0.5, causal, length };
    return compute({
      whole: () => attentionKernel(q, k, v, attrs),
      scores: () => attentionScores(q, k, attrs),
      probabilities: (scores) => attentionProbabilities(scores, causal),
      context: (probabilities) => attentionContext(probabilities, v, kvHeads),
    });
  };
}

/** What each query attends to, [heads, T, S], where nothing is computed with it: q [T, heads·d] and k [S, heads·d]. */
export function attentionWeights(
  w: Weights,
  config: Pick<AttentionConfig, "heads" | "headDim" | "positions">,
): (q: Tensor, k: Tensor) => Tensor {
  const { heads, headDim } = config;
  const { scores, probabilities } = weightStages(w, config);
  return (q, k) => {
    const attrs = { heads, kvHeads: heads, scale: headDim ** -0.5, causal: false, length: k.shape[0]! };
    return probabilities.emit(attentionProbabilities(scores.emit(attentionScores(q, k, attrs)), false));
  };
}

/** Attention, and the same in steps: scores and probabilities are [heads, T, S], the result is [T, heads·d]. */
interface AttentionSteps {
  whole(): Tensor;
  scores(): Tensor;
  probabilities(scores: Tensor): Tensor;
  context(probabilities: Tensor): Tensor;
}

/** Announces `scores` and `probabilities` [heads, T, S] and `context` [T, heads·d] below the cursor. */
export function attentionStages(
  w: Weights,
  config: Pick<AttentionConfig, "heads" | "headDim" | "positions">,
): (steps: AttentionSteps) => Tensor {
  const { heads, headDim } = config;
  const { scores, probabilities } = weightStages(w, config);
  const context = stage(w, "context", heads * headDim, { heads });

  return (steps) => {
    if (!scores.isWanted && !probabilities.isWanted) return context.emit(steps.whole());
    const raw = steps.scores();
    const seen = scores.emit(raw);
    const weights = steps.probabilities(seen);
    const used = probabilities.emit(weights);
    if (seen === raw && used === weights) return context.emit(steps.whole());
    return context.emit(steps.context(used));
  };
}

function weightStages(
  w: Weights,
  { heads, positions }: Pick<AttentionConfig, "heads" | "positions">,
): { readonly scores: HookPoint; readonly probabilities: HookPoint } {
  const shape = [heads, w.rows, positions ?? w.rows];
  return {
    scores: stage(w, "scores", shape, { heads }),
    probabilities: stage(w, "probabilities", shape, { heads }),
  };
}
