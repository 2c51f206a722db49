/** The stages behind a CTC head, which are the search's: the log probabilities, and each frame's best label. */
import type { Stage, Weights } from "../nn/weights.ts";

export interface CtcStages {
  readonly logProbs: Stage; // [T, V]
  readonly ids: Stage; // [T]
  /** Whether somebody wants to see the logits, and so the head's result in one piece. */
  readonly logitsWatched: boolean;
}

/** `w` is where the head `ctc_lo` is. */
export function ctcStages(w: Weights, vocabSize: number): CtcStages {
  const logits = w.at("ctc_lo");
  return {
    logProbs: w.stage("log_probs", vocabSize),
    ids: w.stage("ids", [w.rows]),
    get logitsWatched() {
      return logits.watched;
    },
  };
}
