/** The sizes that the graph of a decoder is made for. */

export interface DecoderPlan {
  /** Numbers of rows that prompts are padded to, in ascending order; each has its own function. */
  readonly buckets: readonly number[];
  /** Positions of the cache. */
  readonly capacity: number;
  /** The largest number of tokens that one call generates. */
  readonly chunk: number;
  readonly endIds: readonly number[];
  /** Whether XLA compiles the loop. */
  readonly xla: boolean;
}
