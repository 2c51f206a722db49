/**
 * The beginning of the prompt, kept for the next texts of a model: the keys and values of its positions before the audio.
 * These depend on no later position, so texts whose prompts begin with the same tokens need not compute them again, and on
 * backends with equal rows the others are the same bytes. With another language or other hotwords, what comes before them
 * is still the same.
 */
import type { KvCache, KvRows } from "../nn/kv-cache.ts";
import type { KnownStart } from "./token-source.ts";

/** Positions that are kept: 29 MB at the size of Qwen3-0.6B. The prompts without hotwords have about 20. */
const MOST = 128;

export class PromptStart {
  #ids: readonly number[] = [];
  #rows: KvRows | undefined;

  /** For a prompt that begins with these tokens. */
  of(ids: readonly number[]): KnownStart {
    const kept = ids.slice(0, MOST);
    return {
      restore: (cache) => this.#restore(kept, cache),
      keep: async (cache) => {
        if (this.#common(kept) === kept.length) return;
        this.#rows = await cache.copy(kept.length);
        this.#ids = kept;
      },
    };
  }

  #restore(ids: readonly number[], cache: KvCache): number {
    const count = this.#common(ids);
    if (count > 0) cache.restore(this.#rows!, count);
    return count;
  }

  /** How many of the tokens are those that are kept. */
  #common(ids: readonly number[]): number {
    const other = ids.findIndex((id, i) => id !== this.#ids[i]);
    return other < 0 ? ids.length : other;
  }
}
