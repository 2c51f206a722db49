/** The stages behind a CTC head, which are the search's: the log probabilities, and each frame's best label. */
import type { HookPoint, Weights } from "../nn/weights.ts";

export interface CtcStages {
  readonly logProbs: HookPoint; // [T, V]
  readonly ids: HookPoint; // [T]
}

/** `w` is where the head `ctc_lo` is. */
export function ctcStages(w: Weights, vocabSize: number): CtcStages {
  return {
    logProbs: w.stage("log_probs", vocabSize),
    ids: w.stage("ids", [w.rows]),
  };
}
