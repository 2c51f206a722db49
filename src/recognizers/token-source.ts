/**
 * Where tokens come from: the model, step by step, or the backend's compiled loop, many in one call. The tokens are the
 * same; the reader decides where to stop.
 *
 * A step can compute drafted tokens together with the last one (speculative decoding: Leviathan et al., arXiv:2211.17192).
 * Each row of logits is that of its token alone, so a token is chosen as without a draft; the rows behind one that is not
 * the drafted one are dropped. A draft decides only what is computed together.
 */
import { nonFinite } from "../errors.ts";
import type { Qwen3 } from "../models/qwen3.ts";
import type { CompiledDecoder } from "../nn/backend.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import { values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { DraftLength } from "../decoding/draft-length.ts";
import type { DecoderState, SampledToken } from "../decoding/generate.ts";
import { withDisposal } from "./between-steps.ts";
import { stepsAlone } from "./step-pool.ts";
import type { Stepper } from "./step-pool.ts";

export interface TokenSource extends DecoderState {
  /** Reads the prompt [L, D]. */
  begin(embeds: Tensor, turn: BetweenSteps): Promise<void>;
  dispose(): void;
}

/** What is counted while tokens are generated. */
export class StepCounts {
  /** Steps of the language model. */
  steps = 0;
  /** Drafted tokens that were chosen, each of which saved a step. */
  accepted = 0;
}

/** Drafts the tokens of one attempt. */
export interface Drafter {
  /** Up to `most` tokens that may follow those of the text so far. */
  propose(written: readonly number[], most: number): readonly number[];
}

export interface Drafting {
  readonly drafter: () => Drafter;
  /** Most tokens that are drafted for a step. */
  readonly most: number;
}

/** A prompt of `rows` rows, and at most `tokens` tokens after it. */
export interface Size {
  readonly rows: number;
  readonly tokens: number;
  /** Tokens that the cache has memory for at first: all, by default. */
  readonly expected?: number;
}

/**
 * One step for each token that is not drafted, by the stepper that `join` gives for each attempt. The backend must compute
 * equal rows where there is a draft.
 */
export function steppedTokens(
  llm: Qwen3,
  { rows, tokens, expected = tokens }: Size,
  counts: StepCounts,
  drafting?: Drafting,
  join: () => Stepper = () => stepsAlone(llm),
): TokenSource {
  const cache = llm.newCache(rows + tokens, rows + expected);
  const { vocabSize } = llm.config;
  let first: Float32Array = new Float32Array(0); // [V]
  return {
    async begin(embeds, turn) {
      const logits = await llm.prefill(embeds, cache, turn);
      first = (await withDisposal(logits, () => values(logits))).slice();
    },
    async *tokens(pick) {
      const draft = drafting && new AttemptDraft(drafting);
      const stepper = join();
      try {
        for (let picked = pick(first); ;) {
          yield picked;
          const { length } = cache;
          // Besides the picked token: the last one of the text is not computed.
          const drafted = draft?.after(picked.id, cache.capacity - length - 2) ?? [];
          const logits = await stepper.steps({ ids: [picked.id, ...drafted], cache }); // [1 + drafted, V]
          const pickAfter = (row: number): SampledToken =>
            pick(logits.subarray(row * vocabSize, (row + 1) * vocabSize));
          counts.steps++;
          let accepted = 0;
          for (picked = pickAfter(0); picked.id === drafted[accepted]; picked = pickAfter(accepted)) {
            yield picked;
            accepted++;
            counts.accepted++; // not the last token of the text, which saves no step
          }
          cache.rewind(length + 1 + accepted);
          draft?.note(drafted, accepted);
        }
      } finally {
        stepper.leave();
      }
    },
    rewind: () => cache.rewind(rows),
    dispose: () => cache.dispose(),
  };
}

/** The tokens of an attempt, and the draft of those that follow. */
class AttemptDraft {
  readonly #drafter: Drafter;
  readonly #length: DraftLength;
  readonly #written: number[] = [];

  constructor({ drafter, most }: Drafting) {
    this.#drafter = drafter();
    this.#length = new DraftLength(most);
  }

  /** At most `room` tokens after `token`. */
  after(token: number, room: number): readonly number[] {
    this.#written.push(token);
    const most = Math.min(this.#length.next, room);
    return most > 0 ? this.#drafter.propose(this.#written, most) : [];
  }

  /** Called with the draft and how many of its tokens were chosen. */
  note(drafted: readonly number[], accepted: number): void {
    this.#written.push(...drafted.slice(0, accepted));
    this.#length.note(drafted.length, accepted);
  }
}

/**
 * Greedy tokens, up to `call` of them in one call: few where the text is shown while it is generated. Disposing calls `release`,
 * until which no other source may use the decoder.
 */
export function compiledTokens(
  decoder: CompiledDecoder,
  tokens: number,
  call: number,
  counts: StepCounts,
  release: () => void,
): TokenSource {
  let first = 0;
  return {
    async begin(embeds) {
      first = known(decoder.begin(embeds));
    },
    async *tokens(): AsyncGenerator<SampledToken> {
      let written: readonly number[] = [first];
      for (let left = tokens; ;) {
        for (const id of written) yield { id };
        left -= written.length;
        written = decoder.next(written.at(-1)!, Math.min(left, call)).map(known);
        counts.steps += written.length;
      }
    },
    rewind: () => decoder.rewind(),
    dispose: release,
  };
}

function known(token: number): number {
  if (token >= 0) return token;
  throw nonFinite("search", "a logit is NaN");
}
