/** What a punctuation model computes. */
export interface MarkNetwork {
  /**
   * The best class for each word, the first of equal ones; `carried` is the number of words of earlier segments. Throws
   * `non_finite`, `disposed`, and the signal's reason.
   */
  classify(words: readonly string[], carried: number, signal?: AbortSignal): Promise<number[]>;
  /** Ends what runs, and frees the weights then. */
  dispose(): void;
}
