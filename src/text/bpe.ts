/**
 * Byte-pair encoding of one piece of text (Sennrich et al., "Neural Machine Translation of Rare Words with
 * Subword Units", arXiv:1508.07909): start from single symbols and join the neighbors of lowest rank, leftmost
 * first, until no pair has a rank. Both vocabularies of the model use it and differ only in what ranks a pair:
 * Qwen's list of merges, or the tiktoken table's own order.
 */

/** How early two neighbors join; undefined where they never do. */
type PairRank = (left: string, right: string) => number | undefined;

const NEVER = Infinity;

/** Joins the symbols (single characters) of `piece`. */
export function bytePairEncode(piece: string, rankOf: PairRank): string[] {
  const symbols = piece.split("");
  const rankAt = (i: number): number => {
    const left = symbols[i];
    const right = symbols[i + 1];
    return left === undefined || right === undefined ? NEVER : (rankOf(left, right) ?? NEVER);
  };
  const ranks = symbols.map((_, i) => rankAt(i)); // of the pair that starts at symbol i

  for (;;) {
    let best = 0;
    let lowest = NEVER;
    for (let i = 0; i < ranks.length; i++) {
      const rank = ranks[i] as number;
      if (rank < lowest) [best, lowest] = [i, rank];
    }
    if (lowest === NEVER) return symbols;
    symbols.splice(best, 2, `${symbols[best]}${symbols[best + 1]}`);
    ranks.splice(best, 1);
    ranks[best] = rankAt(best);
    if (best > 0) ranks[best - 1] = rankAt(best - 1);
  }
}
