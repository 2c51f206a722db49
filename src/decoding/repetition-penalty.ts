/**
 * Makes tokens that are already in the text less likely: a positive logit is divided by the penalty, a negative one
 * multiplied (Keskar et al., "CTRL", arXiv:1909.05858, 4.1; transformers' RepetitionPenaltyLogitsProcessor, which
 * leaves out the prompt, too, where the prompt is embeddings).
 */
import { checkValues } from "../options/check.ts";
import { decodingOptions } from "../options/table.ts";

/** From logits and the tokens so far to logits; the same array where nothing changes. */
export type Penalty = (logits: Float32Array, tokens: readonly number[]) => Float32Array;

/** 1 is no penalty. */
export function createPenalty(penalty = 1): Penalty {
  checkValues({ repetitionPenalty: penalty }, decodingOptions);
  if (penalty === 1) return (logits) => logits;
  return (logits, tokens) => {
    const changed = logits.slice();
    for (const id of new Set(tokens)) {
      const logit = logits[id] as number;
      changed[id] = logit < 0 ? logit * penalty : logit / penalty;
    }
    return changed;
  };
}
