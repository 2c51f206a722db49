/**
 * Whether it is worth the while to look for a short row of symbols in a long one. A row that is there with `errors` errors
 * and is cut into `errors + 1` pieces has a piece without any (Wu & Manber, "Fast text searching allowing errors", CACM
 * 1992, 4.2), so that one whose pieces are all missing need not be looked for.
 */

/** What is known of the text are its rows of three symbols, by a hash of this many bits. */
const BITS = 16;
const ROW = 3;

/** Never false for a pattern that any part of the text is within `errors` of. Symbols are integers. */
export function createPieceFilter(text: Int32Array): (pattern: Int32Array, errors: number) => boolean {
  const known = new Uint8Array(2 ** BITS);
  for (let t = 0; t + ROW <= text.length; t++) known[hash(text, t)] = 1;

  /** Whether all rows of three in the piece [from, to) are somewhere in the text. */
  const mayOccur = (pattern: Int32Array, from: number, to: number): boolean => {
    for (let i = from; i + ROW <= to; i++) if (known[hash(pattern, i)] === 0) return false;
    return true;
  };

  return (pattern, errors) => {
    const pieces = errors + 1;
    for (let piece = 0; piece < pieces; piece++) {
      const from = Math.floor((piece * pattern.length) / pieces);
      const to = Math.floor(((piece + 1) * pattern.length) / pieces);
      if (mayOccur(pattern, from, to)) return true;
    }
    return false;
  };
}

function hash(symbols: Int32Array, at: number): number {
  const mixed = (symbols[at]! * 961 + symbols[at + 1]! * 31 + symbols[at + 2]!) | 0;
  return Math.imul(mixed, 0x9e3779b1) >>> (32 - BITS);
}
