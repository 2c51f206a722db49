/** The logits that the tokens of a text were sampled from, kept for a hook that wants them. */
import type { HookPoint } from "../nn/stage.ts";
import type { DecoderState } from "../decoding/generate.ts";

export class LogitCapture {
  readonly #wanted: boolean;
  #rows: Float32Array[] = [];

  constructor(stage: HookPoint) {
    this.#wanted = stage.isWanted;
  }

  /** The source itself where no hook wants the logits. */
  of(source: DecoderState): DecoderState {
    if (!this.#wanted) return source;
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

  /** Those of the last attempt [V], one for each token. */
  get rows(): readonly Float32Array[] {
    return this.#rows;
  }
}

/** Emits rows [V] as one matrix [N, V], if there are any. */
export async function emitRows(stage: HookPoint, rows: readonly Float32Array[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const all = new Float32Array(rows.length * first.length);
  for (const [i, row] of rows.entries()) all.set(row, i * first.length);
  await stage.emitValues(all, [rows.length, first.length]);
}
