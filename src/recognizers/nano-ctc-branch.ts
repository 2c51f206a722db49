/** Fun-ASR-Nano's CTC branch with its vocabulary: a draft of the text, and the times of any text. */
import type { CtcBranch } from "../models/fun-asr-nano/fun-asr-nano.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import type { Tensor } from "../nn/ops.ts";
import { ctcGreedy, frameSeconds } from "../decoding/ctc.ts";
import type { CtcLabel, CtcScores } from "../decoding/ctc.ts";
import { alignLabels } from "../decoding/forced-align.ts";
import type { CtcTokens } from "../text/ctc-tokens.ts";
import type { DraftPiece } from "../text/hotwords/top-label-search.ts";
import { alignByEdit } from "../text/timestamps/edit-align.ts";
import { alignByCtc } from "../text/timestamps/forced-text.ts";
import { settle } from "../text/timestamps/timed.ts";
import type { TimedUnit } from "../text/timestamps/timed.ts";
import { Utf8Stream } from "../text/utf8-stream.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { ctcLens, rounded } from "./shared.ts";
import { ctcScores } from "./posteriors.ts";
import type { TextLens } from "./recognizer.ts";
import type { TimedToken } from "./result.ts";
import { checkAlign } from "./times.ts";
import type { AlignMethod } from "./options.ts";
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

  /** The times of the labels of `text`, by forced alignment, as FunASR gives them. */
  async labelTimes({ scores }: Draft, text: string): Promise<TimedToken[]> {
    const { tokens } = this;
    const ids = tokens.encode(text);
    const posteriors = await scores.of([...ids, tokens.blankId]);
    return alignLabels(posteriors, ids, tokens.blankId).map(({ id, start, end, score }) => ({
      text: tokens.decode([id]),
      start: frameSeconds(start),
      end: frameSeconds(end),
      score: rounded(score),
    }));
  }

  /** The times of the characters of `text`: by forced alignment, or by comparison with the draft. */
  async place(
    draft: Draft,
    text: string,
    align: AlignMethod = {},
  ): Promise<{ readonly units: readonly TimedUnit[]; readonly warnings: readonly Warning[] }> {
    const { method, offset } = checkAlign(align);
    const forced =
      method === "ctc-forced" ? await alignByCtc(text, draft.scores, this.tokens, { offset }) : undefined;
    const rough = forced ?? alignByEdit(text, this.pieces(draft), { offset });
    const approximate = method === "ctc-forced" && forced === undefined && text !== "";
    const found = "the text does not fit into the frames: its times are taken from the draft by comparison";
    return { units: settle(rough), warnings: approximate ? [warning("approximate_times", found)] : [] };
  }

  /** The draft's labels as text; a character that several labels spell belongs to the last of them. */
  pieces({ labels }: Draft): DraftPiece[] {
    const stream = new Utf8Stream();
    return labels.map(({ id, start }) => ({
      text: stream.push(this.tokens.bytes(id)),
      start: frameSeconds(start),
    }));
  }
}
