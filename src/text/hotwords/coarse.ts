/**
 * A quick look for a short row of symbols in a long one: the smallest edit distance (all costs 1) between the
 * pattern and any part of the text. Myers, "A Fast Bit-Vector Algorithm for Approximate String Matching Based on
 * Dynamic Programming" (JACM 1999), in blocks of 32 rows with the carries of Hyyrö (2003): one step handles 32
 * cells of the matrix, so ten thousand words against a minute of speech take some tens of milliseconds.
 */

const BITS = 32;

/** Distances to one text. Symbols are integers below `alphabet`. */
export function createCoarseMatcher(text: Int32Array, alphabet: number): (pattern: Int32Array) => number {
  let equal = new Int32Array(alphabet); // per block and symbol: the rows that hold it

  return (pattern) => {
    const m = pattern.length;
    if (m === 0) return 0;
    const blocks = Math.ceil(m / BITS);
    if (equal.length < blocks * alphabet) equal = new Int32Array(blocks * alphabet);
    for (let i = 0; i < m; i++) {
      const symbol = ((i / BITS) | 0) * alphabet + (pattern[i] as number);
      equal[symbol] = (equal[symbol] as number) | (1 << (i % BITS));
    }
    const distance = blocks === 1 ? scanBlock(text, equal, m) : scanBlocks(text, equal, alphabet, m, blocks);
    for (let i = 0; i < m; i++) equal[((i / BITS) | 0) * alphabet + (pattern[i] as number)] = 0;
    return distance;
  };
}

/** Up to 32 rows: the innermost loop of the search, without carries. */
function scanBlock(text: Int32Array, equal: Int32Array, m: number): number {
  const last = m - 1;
  let plus = -1; // rows whose cell is one more than the cell above
  let minus = 0; // … one less
  let distance = m;
  let best = m;
  for (let t = 0; t < text.length; t++) {
    const eq = equal[text[t] as number] as number;
    const vertical = eq | minus;
    const horizontal = (((eq & plus) + plus) ^ plus) | eq;
    let up = minus | ~(horizontal | plus);
    let down = plus & horizontal;
    distance += ((up >>> last) & 1) - ((down >>> last) & 1); // no branch: it would be mispredicted often
    if (distance < best) best = distance;
    up <<= 1;
    down <<= 1;
    plus = down | ~(vertical | up);
    minus = up & vertical;
  }
  return best;
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
    let carry = 0; // how the cell below the previous block differs from its left neighbour: -1, 0 or 1
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
