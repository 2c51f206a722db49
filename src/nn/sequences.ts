/**
 * Rows of several sequences, one sequence after the other in one tensor: what treats each row alone (products, norms) is
 * computed for all of them at once, and what depends on the rows before (positions, attention) for each sequence.
 */
import type { KvCache } from "./kv-cache.ts";
import { concatRows, rows, tidy } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Weights } from "./weights.ts";

/** How many of the rows are of this sequence, after the positions in its cache. */
export interface SequenceRows {
  readonly cache: KvCache;
  readonly rows: number;
}

export type Sequences = readonly SequenceRows[];

/** Tokens that are appended to a sequence. */
export interface NewTokens {
  readonly ids: readonly number[];
  readonly cache: KvCache;
}

/**
 * Has `work` compute the rows of tokens that are appended, one sequence after the other, and counts them in the caches. A
 * hook sees the tokens of one sequence: there may be none where there are several.
 */
export function appendTokens(
  { hooks }: Weights,
  tokens: readonly NewTokens[],
  work: (ids: readonly number[], sequences: Sequences) => Tensor,
): Tensor {
  const ids = tokens.flatMap((one) => one.ids);
  const sequences = tokens.map((one) => ({ cache: one.cache, rows: one.ids.length }));
  const first = tokens[0]!.cache.generated + 1;
  const result = hooks.ofTokens(first, ids.length, () => tidy(() => work(ids, sequences)));
  for (const { cache, rows: added } of sequences) cache.advance(added);
  return result;
}

/** The results [T, E] of `work` for the rows of each sequence in `all`, [ΣT, …] each, one after the other. */
export function eachSequence(
  sequences: Sequences,
  all: readonly Tensor[],
  work: (cache: KvCache, ...own: Tensor[]) => Tensor,
): Tensor {
  if (sequences.length === 1) return work(sequences[0]!.cache, ...all);
  let from = 0;
  const results = sequences.map(({ cache, rows: count }) => {
    const own = all.map((x) => rows(x, from, count));
    from += count;
    return work(cache, ...own);
  });
  return concatRows(...results); // [ΣT, E]
}
