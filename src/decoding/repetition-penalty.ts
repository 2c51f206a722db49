/**
 * Makes tokens that are already in the text less likely: a positive logit is divided by the penalty, a negative one
 * multiplied (Keskar et al., "CTRL", arXiv:1909.05858, 4.1; transformers' RepetitionPenaltyLogitsProcessor, which
 * leaves out the prompt, too, where the prompt is embeddings).
 */
import { checkValues } from "../options/check.ts";
import { decodingOptions } from "../options/table.ts";

/** From logits and the tokens so far to logits, valid until the next call; the same array where nothing changes. */
export type Penalty = (logits: Float32Array, tokens: readonly number[]) => Float32Array;

/** 1 is no penalty. */
export function createPenalty(penalty = 1): Penalty {
  checkValues({ repetitionPenalty: penalty }, decodingOptions);
  if (penalty === 1) return (logits) => logits;
  let changed = new Float32Array(0); // one for all tokens: there are 151,936 logits
  return (logits, tokens) => {
    if (changed.length !== logits.length) changed = new Float32Array(logits.length);
    changed.set(logits);
    for (const id of new Set(tokens)) {
      const logit = logits[id] as number;
      changed[id] = logit < 0 ? logit * penalty : logit / penalty;
    }
    return changed;
  };
}
