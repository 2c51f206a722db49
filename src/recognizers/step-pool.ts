/**
 * Steps of the language model for several texts at once. A step of one token reads all weights for one row of products; a
 * row more costs little, so texts that are generated at the same time share their steps.
 *
 * Which texts: those of the jobs of one model on one engine, be they windows of one recording or of several callers. The
 * engine admits jobs (its `concurrency`) and gives them turns; nothing here changes that. A text is a member of the
 * model's pool from its first step to its last token. Of several callers, other jobs encode their audio and read their
 * prompts in the turns between two steps. Windows of one recording are a group: its steps wait until all of its windows
 * that have begun take part, so that none is computed for a few rows while the audio of others is encoded.
 *
 * When a step is computed: a member with a token to append adds it to the pool, with the drafted tokens behind it (1 + k
 * rows), and gives up its turn until its logits are there. The step is computed as soon as every member waits, for all but
 * those whose group is not complete: by the last one to come, in its own turn; and where the last one that did not wait has
 * left, by one that waits. A member alone waits for nothing. Members differ in rows, drafts, temperatures and lengths; only
 * the model is the same.
 *
 * What is shared: products, norms and the head are computed over the rows of all members; rotation, caches and attention
 * for each one alone (Qwen3.steps). On backends with `equalRows` a row has the same bytes in any company, so texts,
 * times, counts and warnings are those of one text at a time. Elsewhere, and where a hook watches the steps, nothing is
 * shared.
 *
 * Abort and failure: a member reads and drops its own rows only. A job that is aborted leaves the pool at its next turn,
 * with the step that it waited for computed or withdrawn; the others' rows are what they would have been. Where a step of
 * several fails, each member's is computed alone, so that an error reaches the member that it belongs to and no other.
 *
 * Disposal: of the model or the engine, every member finds out when it gets a turn; it leaves, which wakes the next one.
 * The pool itself holds nothing but the requests that wait.
 *
 * Memory: each member has the cache of its own text, as long as its window is expected to need until it needs more, and a
 * row of logits for each row of a step. The number of members is the number of jobs: the engine's concurrency, and for the windows of a recording the
 * option `parallel`.
 */
import { offerTurn } from "../engine/scheduler.ts";
import type { Qwen3 } from "../models/qwen3.ts";
import { values } from "../nn/ops.ts";
import type { NewTokens } from "../nn/sequences.ts";
import { withDisposal } from "./between-steps.ts";

/** Computes the steps of one text. */
export interface Stepper {
  /** Appends the tokens to their cache; the logits after each of them, [ids, V] row after row. */
  steps(tokens: NewTokens): Promise<Float32Array>;
  /** Ends the use, also where a step has failed. */
  leave(): void;
}

/** Steps that share nothing. */
export function stepsAlone(llm: Qwen3): Stepper {
  return { steps: (tokens) => computed(llm, [tokens]), leave: () => {} };
}

/** A step of more rows costs about as much for each of them as another step. */
const rowsOfStep = 16;

/** The windows of one recording that are recognized at once, `size` of them at most. */
export class StepGroup {
  /** Most tokens that a window drafts for a step. */
  readonly mostDrafted: number;
  /** Windows that have begun and are not members yet. */
  coming = 0;

  constructor(size: number) {
    this.mostDrafted = Math.max(0, Math.floor(rowsOfStep / size) - 1);
  }
}

/** A window of a group, from its beginning until it joins or ends. */
export interface Arrival {
  readonly group: StepGroup;
  /** Called when it has joined, and when it ends, whether or not it has. */
  end(): void;
}

/** A member's tokens, until their logits are read. */
class Request {
  readonly member: number;
  readonly tokens: NewTokens;
  readonly group: StepGroup | undefined;
  /** Fulfilled when there is a result, or when this member is to compute the step. */
  readonly woken: Promise<void>;
  wake!: () => void;
  result: (() => Float32Array) | undefined;

  constructor(member: number, tokens: NewTokens, group: StepGroup | undefined) {
    this.member = member;
    this.tokens = tokens;
    this.group = group;
    this.woken = new Promise((resolve) => (this.wake = resolve));
  }

  get isHeld(): boolean {
    return this.group !== undefined && this.group.coming > 0;
  }
}

export class StepPool {
  readonly #llm: Qwen3;
  readonly #waiting = new Set<Request>();
  #members = 0;
  #joined = 0;

  constructor(llm: Qwen3) {
    this.#llm = llm;
  }

  /** Announces a window of a group. */
  expect(group: StepGroup): Arrival {
    group.coming++;
    let hasEnded = false;
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      group.coming--;
      this.#next()?.wake();
    };
    return { group, end };
  }

  /**
   * Adds a member, which must leave; `arrival` is that of its window. It computes as the engine's running job, on the
   * model's backend and without a hook.
   */
  join(arrival?: Arrival): Stepper {
    this.#members++;
    const member = this.#joined++;
    arrival?.end();
    let own: Request | undefined;
    return {
      steps: async (tokens) => {
        own = new Request(member, tokens, arrival?.group);
        this.#waiting.add(own);
        const next = this.#next();
        if (next !== own) {
          next?.wake();
          await offerTurn(() => own!.woken);
        }
        if (own.result === undefined) await this.#compute(own);
        return own.result!();
      },
      leave: () => {
        this.#members--;
        if (own !== undefined) this.#waiting.delete(own);
        this.#next()?.wake();
      },
    };
  }

  /** The one that is to compute the step, if it can be computed: the last to come, where it is not held. */
  #next(): Request | undefined {
    if (this.#waiting.size < this.#members) return undefined;
    return [...this.#waiting].findLast(({ isHeld }) => !isHeld);
  }

  /** Computes the step of all that wait and are not held, and in any case of `own`. */
  async #compute(own: Request): Promise<void> {
    const all = [...this.#waiting].filter((request) => request === own || !request.isHeld);
    for (const request of all) this.#waiting.delete(request);
    all.sort((a, b) => a.member - b.member); // steps of the same members have the same list of jobs
    try {
      await this.#share(all);
    } catch {
      for (const request of all) request.result = await outcome(() => computed(this.#llm, [request.tokens]));
    }
    for (const { wake } of all) wake();
  }

  async #share(all: readonly Request[]): Promise<void> {
    const { vocabSize } = this.#llm.config;
    const logits = await computed(
      this.#llm,
      all.map(({ tokens }) => tokens),
    );
    let from = 0;
    for (const request of all) {
      const own = logits.subarray(from, (from += request.tokens.ids.length * vocabSize));
      request.result = () => own;
    }
  }
}

/** What `work` gives or throws, each time that it is asked for. */
async function outcome<Result>(work: () => Promise<Result>): Promise<() => Result> {
  try {
    const result = await work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

async function computed(llm: Qwen3, all: readonly NewTokens[]): Promise<Float32Array> {
  const logits = llm.steps(...all);
  return withDisposal(logits, () => values(logits));
}
