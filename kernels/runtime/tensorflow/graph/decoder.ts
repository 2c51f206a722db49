/** What the graph of a decoder needs of a language model, and the sizes that it is made for. */
import type { Tensor } from "@tensorflow/tfjs-core";

/** A cache that the model appends to; its type is the model's own. */
export interface DecoderCache {
  dispose(): void;
}

/** What a model must have for its decoding to be recorded. */
export interface RecordableDecoder<Cache extends DecoderCache> {
  readonly config: { readonly size: number; readonly vocabSize: number };
  newCache(capacity: number): Cache;
  prefill(embeds: Tensor, cache: Cache, between: () => Promise<void>): Promise<Tensor>; // [L, D] → [1, V]
  step(id: number, cache: Cache): Tensor; // [1, V]
}

export interface DecoderPlan {
  /** Numbers of rows that prompts are padded to, in ascending order; each has a function of its own. */
  readonly buckets: readonly number[];
  /** Positions of the cache. */
  readonly capacity: number;
  /** The largest number of tokens that one call generates. */
  readonly chunk: number;
  readonly endIds: readonly number[];
  /** Whether XLA compiles the loop. */
  readonly xla: boolean;
}
