/**
 * A fast approximate search for many short patterns in a text: the smallest edit distance (all costs 1) between each
 * pattern and any part of the text. Myers, "A Fast Bit-Vector Algorithm for Approximate String Matching Based on Dynamic
 * Programming" (JACM 1999): a column of the matrix is a few words of bits, so one step handles 32 cells. Short
 * patterns share a word, up to three of them (Hyyrö, Fredriksson & Navarro, "Increased Bit-Parallelism for Approximate and
 * Multiple String Matching", JEA 2005); longer ones take several, with the carries of Hyyrö (2003).
 */

const BITS = 32;
/** Patterns that share a word. */
const LANES = 3;

/** Computes distances [patterns] to one text. Symbols are integers below `alphabet`. */
export function createPrefilter(
  text: Int32Array,
  alphabet: number,
): (patterns: readonly Int32Array[]) => Int32Array {
  let equal = new Int32Array(alphabet); // per block and symbol: the rows with that symbol, as bits

  /** Sets or clears the rows of a pattern, from row `from` on. */
  const mark = (pattern: Int32Array, from: number, set: boolean): void => {
    const blocks = Math.ceil((from + pattern.length) / BITS);
    if (equal.length < blocks * alphabet) equal = new Int32Array(blocks * alphabet);
    for (let i = 0; i < pattern.length; i++) {
      const row = from + i;
      const symbol = ((row / BITS) | 0) * alphabet + (pattern[i] as number);
      equal[symbol] = set ? (equal[symbol] as number) | (1 << (row % BITS)) : 0;
    }
  };

  return (patterns) => {
    const distances = new Int32Array(patterns.length); // 0 for empty patterns
    for (let first = 0; first < patterns.length;) {
      const count = lanesFrom(patterns, first);
      const lanes = patterns.slice(first, first + count);
      let rows = 0;
      for (const pattern of lanes) {
        mark(pattern, rows, true);
        rows += pattern.length;
      }
      if (rows <= BITS) distances.set(scanLanes(text, equal, lanes), first);
      else distances[first] = scanBlocks(text, equal, alphabet, rows, Math.ceil(rows / BITS));
      for (const pattern of lanes) {
        rows -= pattern.length;
        mark(pattern, rows, false);
      }
      first += count;
    }
    return distances;
  };
}

/** How many patterns, from `first` on, fit into one word; at least 1. */
function lanesFrom(patterns: readonly Int32Array[], first: number): number {
  let rows = 0;
  let count = 0;
  while (count < LANES && first + count < patterns.length) {
    rows += (patterns[first + count] as Int32Array).length;
    if (rows > BITS) break;
    count++;
  }
  return Math.max(count, 1);
}

/** Patterns side by side in one word: the innermost loop of the search. */
function scanLanes(text: Int32Array, equal: Int32Array, lanes: readonly Int32Array[]): number[] {
  let tops = 0; // the last row of each lane
  let bottoms = 0; // the first
  let rows = 0;
  const [lastA, lastB, lastC] = Array.from({ length: LANES }, (_, lane) => {
    const length = lanes[lane]?.length ?? 0;
    if (length > 0) [bottoms, tops] = [bottoms | (1 << rows), tops | (1 << (rows + length - 1))];
    return (rows += length) - 1;
  }) as [number, number, number];
  let [a, b, c] = [lanes[0]?.length ?? 0, lanes[1]?.length ?? 0, lanes[2]?.length ?? 0];
  let [bestA, bestB, bestC] = [a, b, c];
  const below = ~tops;
  const above = ~bottoms;
  let plus = -1; // rows whose cell is one more than the cell above
  let minus = 0; // … one less
  for (let t = 0; t < text.length; t++) {
    const eq = equal[text[t] as number] as number;
    const vertical = eq | minus;
    const both = eq & plus;
    const sum = ((both & below) + (plus & below)) ^ ((both ^ plus) & tops); // no carry from lane to lane
    const horizontal = (sum ^ plus) | eq;
    let up = minus | ~(horizontal | plus);
    let down = plus & horizontal;
    a += ((up >>> lastA) & 1) - ((down >>> lastA) & 1); // without a branch, which would often be mispredicted
    b += ((up >>> lastB) & 1) - ((down >>> lastB) & 1);
    c += ((up >>> lastC) & 1) - ((down >>> lastC) & 1);
    if (a < bestA) bestA = a;
    if (b < bestB) bestB = b;
    if (c < bestC) bestC = c;
    up = (up << 1) & above;
    down = (down << 1) & above;
    plus = down | ~(vertical | up);
    minus = up & vertical;
  }
  return lanes.map(({ length }, lane) => (length === 0 ? 0 : ([bestA, bestB, bestC][lane] as number)));
}

function scanBlocks(
  text: Int32Array,
  equal: Int32Array,
  alphabet: number,
  m: number,
  blocks: number,
): number {
  const plus = new Int32Array(blocks).fill(-1);
  const minus = new Int32Array(blocks);
  let distance = m;
  let best = m;
  for (let t = 0; t < text.length; t++) {
    let carry = 0; // how the cell below the previous block differs from its left neighbor: -1, 0 or 1
    for (let b = 0; b < blocks; b++) {
      const last = b === blocks - 1 ? 1 << ((m - 1) % BITS) : 1 << (BITS - 1);
      let eq = equal[b * alphabet + (text[t] as number)] as number;
      const [p, n] = [plus[b] as number, minus[b] as number];
      const vertical = eq | n;
      if (carry < 0) eq |= 1;
      const horizontal = (((eq & p) + p) ^ p) | eq;
      let up = n | ~(horizontal | p);
      let down = p & horizontal;
      const carryOut = (up & last) !== 0 ? 1 : (down & last) !== 0 ? -1 : 0;
      up = (up << 1) | (carry > 0 ? 1 : 0);
      down = (down << 1) | (carry < 0 ? 1 : 0);
      plus[b] = down | ~(vertical | up);
      minus[b] = up & vertical;
      carry = carryOut;
    }
    distance += carry;
    if (distance < best) best = distance;
  }
  return best;
}
