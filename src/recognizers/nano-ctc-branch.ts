/** Fun-ASR-Nano's CTC branch with its vocabulary: a draft of the text. */
import type { CtcBranch } from "../models/fun-asr-nano/fun-asr-nano.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import type { Tensor } from "../nn/ops.ts";
import { ctcGreedy } from "../decoding/ctc.ts";
import type { CtcLabel, CtcScores } from "../decoding/ctc.ts";
import type { CtcTokens } from "../text/ctc-tokens.ts";
import { ctcLens } from "./shared.ts";
import { ctcScores } from "./posteriors.ts";
import type { TextLens } from "./recognizer.ts";
import { withDisposal } from "./between-steps.ts";

/** The output of greedy CTC. */
export interface Draft {
  readonly scores: CtcScores;
  readonly labels: readonly CtcLabel[];
  readonly ids: readonly number[];
  readonly text: string;
}

export class CtcReader {
  readonly tokens: CtcTokens;
  readonly #branch: CtcBranch;

  constructor(branch: CtcBranch, tokens: CtcTokens) {
    this.#branch = branch;
    this.tokens = tokens;
  }

  /** encoded: [T, D]; the scores have the best `count` labels of each frame. */
  async read(encoded: Tensor, count: number, turn: BetweenSteps): Promise<Draft> {
    const { vocabSize, blankId } = this.#branch.config;
    const beforeFrames = (): Promise<void> => turn(0, encoded.shape[0]!);
    const hidden = await this.#branch.decoder(encoded, beforeFrames); // [T, D']
    const scores = await withDisposal(hidden, () =>
      ctcScores(hidden, { ...this.#branch, vocabSize }, count, turn),
    );
    const labels = ctcGreedy(scores.top, blankId);
    const ids = labels.map(({ id }) => id);
    return { scores, labels, ids, text: this.tokens.decode(ids).replaceAll("<|nospeech|>", "") };
  }

  /** Whether a hook wants any stage of the branch. */
  get watched(): boolean {
    return this.#branch.watched;
  }

  /** The branch's head as a lens on the encoder's layers. */
  get lens(): TextLens {
    const { lens, config } = this.#branch;
    return ctcLens(lens, config.blankId, (ids) => this.tokens.decode(ids));
  }
}
