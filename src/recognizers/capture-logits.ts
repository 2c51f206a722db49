/** The logits that the tokens of a text were sampled from, kept for a hook that wants them. */
import type { HookPoint } from "../nn/stage.ts";
import type { DecoderState } from "../decoding/generate.ts";

export class LogitCapture {
  readonly #stage: HookPoint;
  #rows: Float32Array[] = [];

  constructor(stage: HookPoint) {
    this.#stage = stage;
  }

  /** The source itself where no hook wants the logits. */
  of(source: DecoderState): DecoderState {
    if (!this.#stage.isWanted) return source;
    return {
      tokens: (pick) =>
        source.tokens((logits) => {
          this.#rows.push(logits.slice());
          return pick(logits);
        }),
      rewind: () => {
        this.#rows = [];
        source.rewind();
      },
    };
  }

  /** Emits those of the last attempt, a row for each token. */
  async emit(): Promise<void> {
    const [first] = this.#rows;
    if (first === undefined) return;
    const all = new Float32Array(this.#rows.length * first.length);
    for (const [i, row] of this.#rows.entries()) all.set(row, i * first.length);
    await this.#stage.emitValues(all, [this.#rows.length, first.length]);
  }
}
