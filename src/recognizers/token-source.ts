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
import type { KvCache } from "../nn/kv-cache.ts";
import { concatRows, tidy, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { DraftLength } from "../decoding/draft-length.ts";
import type { DecoderState, SampledToken } from "../decoding/generate.ts";
import { withDisposal } from "./between-steps.ts";
import { stepsAlone } from "./step-pool.ts";
import type { Stepper } from "./step-pool.ts";

export interface TokenSource extends DecoderState {
  /** Reads the prompt: `embed` gives its rows from row `from` on [L - from, D], which are freed. */
  begin(embed: (from: number) => Tensor, turn: BetweenSteps): Promise<void>;
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
  /** Tokens that are drafted for a step, usually and where the last draft was right. */
  readonly usual: number;
  readonly most: number;
}

/** Positions of a prompt that were computed before. */
export interface KnownStart {
  /** Adds them to an empty cache, and gives their number. */
  restore(cache: KvCache): number;
  /** Called when the prompt is in the cache. */
  keep(cache: KvCache): Promise<void>;
}

/** A prompt of `rows` rows, and at most `tokens` tokens after it. */
export interface Size {
  readonly rows: number;
  readonly tokens: number;
  /** Tokens that the cache has memory for at first: all, by default. */
  readonly expected?: number;
  readonly known?: KnownStart | undefined;
}

/** Drafted tokens in the cache, and the logits after the token before them and after each of them [1 + drafted, V]. */
interface Computed {
  readonly drafted: readonly number[];
  readonly logits: Float32Array;
}

/**
 * One step for each token that is not drafted, by the stepper that `join` gives for each attempt; the first draft is
 * computed with the prompt. The backend must compute equal rows where there is a draft or a known start.
 */
export function steppedTokens(
  llm: Qwen3,
  { rows, tokens, expected = tokens, known }: Size,
  counts: StepCounts,
  drafting?: Drafting,
  join: () => Stepper = () => stepsAlone(llm),
): TokenSource {
  const cache = llm.newCache(rows + tokens, rows + expected);
  const { vocabSize } = llm.config;
  let draft = drafting && new AttemptDraft(drafting);
  let computed: Computed;
  return {
    async begin(embed, turn) {
      const from = known?.restore(cache) ?? 0;
      const drafted = draft?.first(tokens - 1) ?? [];
      const embeds = tidy(() =>
        drafted.length === 0 ? embed(from) : concatRows(embed(from), llm.embed(drafted)),
      ); // [L - from + drafted, D]
      const logits = await withDisposal(embeds, () => llm.prefill(embeds, cache, turn, drafted.length));
      computed = { drafted, logits: (await withDisposal(logits, () => values(logits))).slice() };
      await known?.keep(cache);
    },
    async *tokens(pick) {
      const stepper = join();
      try {
        for (let { drafted, logits } = computed; ;) {
          const pickAfter = (row: number): SampledToken =>
            pick(logits.subarray(row * vocabSize, (row + 1) * vocabSize));
          const start = cache.length - drafted.length;
          let picked = pickAfter(0);
          let accepted = 0;
          for (; picked.id === drafted[accepted]; picked = pickAfter(accepted)) {
            yield picked;
            accepted++;
            counts.accepted++; // not the last token of the text, which saves no step
          }
          cache.rewind(start + accepted);
          draft?.note(drafted, accepted);
          yield picked;
          // Besides the picked token: the last one of the text is not computed.
          drafted = draft?.after(picked.id, cache.capacity - cache.length - 2) ?? [];
          logits = await stepper.steps({ ids: [picked.id, ...drafted], cache }); // [1 + drafted, V]
          counts.steps++;
        }
      } finally {
        stepper.leave();
      }
    },
    rewind() {
      cache.rewind(rows);
      draft = drafting && new AttemptDraft(drafting);
      computed = { drafted: [], logits: computed.logits.subarray(0, vocabSize) };
    },
    dispose: () => cache.dispose(),
  };
}

/** The tokens of an attempt, and the draft of those that follow. */
class AttemptDraft {
  readonly #drafter: Drafter;
  readonly #length: DraftLength;
  readonly #written: number[] = [];

  constructor({ drafter, usual, most }: Drafting) {
    this.#drafter = drafter();
    this.#length = new DraftLength(usual, most);
  }

  /** At most `room` tokens at the beginning. */
  first(room: number): readonly number[] {
    return this.#next(room);
  }

  /** At most `room` tokens after `token`. */
  after(token: number, room: number): readonly number[] {
    this.#written.push(token);
    return this.#next(room);
  }

  #next(room: number): readonly number[] {
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
    async begin(embed) {
      const embeds = embed(0);
      first = await withDisposal(embeds, () => known(decoder.begin(embeds)));
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
