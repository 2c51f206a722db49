/** The stages behind a CTC head, which are the search's: the log probabilities, and each frame's best label. */
import { stage } from "../nn/index.ts";
import type { HookPoint, Weights } from "../nn/index.ts";

export interface CtcStages {
  readonly logProbs: HookPoint; // [T, V]
  readonly ids: HookPoint; // [T]
}

/** `w` is where the head `ctc_lo` is. */
export function ctcStages(w: Weights, vocabSize: number): CtcStages {
  return {
    logProbs: stage(w, "log_probs", vocabSize),
    ids: stage(w, "ids", [w.rows]),
  };
}
