/** The stages after a CTC head, which the search emits: log probabilities, and the best label of each frame. */
import { stage } from "../nn/index.ts";
import type { HookPoint, Weights } from "../nn/index.ts";

export interface CtcStages {
  readonly logProbs: HookPoint; // [T, V]
  readonly ids: HookPoint; // [T]
}

/** `w` is the cursor above the head `ctc_lo`. */
export function ctcStages(w: Weights, vocabSize: number): CtcStages {
  return {
    logProbs: stage(w, "log_probs", vocabSize),
    ids: stage(w, "ids", [w.rows]),
  };
}
