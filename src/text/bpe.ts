/**
 * Byte-pair encoding of one piece of text (Sennrich et al., "Neural Machine Translation of Rare Words with
 * Subword Units", arXiv:1508.07909): start from single symbols and join the neighbors of lowest rank, leftmost
 * first, until no pair has a rank. Both vocabularies of the model use it and differ only in what ranks a pair:
 * Qwen's list of merges, or the tiktoken table's own order. A piece can be as long as a text without spaces, so the
 * next pair comes from a heap: n symbols take n·log n steps.
 */

/** How early two neighbors join, a whole number; undefined where they never do. */
type PairRank = (left: string, right: string) => number | undefined;

const NEVER = Infinity;
/** Pairs are ordered by rank, then by place: rank · PLACES + place. */
const PLACES = 2 ** 32;

/** Joins the symbols (single characters) of `piece`. */
export function bytePairEncode(piece: string, rankOf: PairRank): string[] {
  if (piece.length === 1) return [piece];
  const symbols: (string | undefined)[] = piece.split("");
  const { length } = symbols;
  const before = new Int32Array(length);
  const after = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    before[i] = i - 1;
    after[i] = i + 1;
  }
  const ranks = new Float64Array(length).fill(NEVER); // of the pair that starts at symbol i
  const pairs = new Heap();
  const rank = (i: number): void => {
    const [left, right] = [symbols[i], symbols[after[i] as number]];
    const found = left === undefined || right === undefined ? undefined : rankOf(left, right);
    ranks[i] = found ?? NEVER;
    if (found !== undefined) pairs.push(found * PLACES + i);
  };

  for (let i = 0; i < length; i++) rank(i);
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const at = pair % PLACES;
    if (ranks[at] !== (pair - at) / PLACES) continue; // one of the two was joined since
    const joined = after[at] as number;
    const next = after[joined] as number;
    symbols[at] = `${symbols[at]}${symbols[joined]}`;
    symbols[joined] = undefined;
    ranks[joined] = NEVER;
    after[at] = next;
    if (next < length) before[next] = at;
    rank(at);
    if ((before[at] as number) >= 0) rank(before[at] as number);
  }
  return symbols.filter((symbol) => symbol !== undefined);
}

/** Numbers, the lowest first. */
class Heap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((items[parent] as number) <= item) break;
      items[at] = items[parent] as number;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const [lowest] = items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return lowest;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && (items[child + 1] as number) < (items[child] as number)) child++;
      if ((items[child] as number) >= last) break;
      items[at] = items[child] as number;
      at = child;
    }
    items[at] = last;
    return lowest;
  }
}
