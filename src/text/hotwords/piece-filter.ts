/**
 * Rules out patterns before the search. Where a pattern occurs in the text with `errors` errors and is cut into
 * `errors + 1` pieces, one piece has no error (Wu & Manber, "Fast text searching allowing errors", CACM 1992, 4.2), so a
 * pattern whose pieces are all missing can be skipped.
 */

/** The filter stores the text's sequences of three symbols, as a hash of this many bits. */
const BITS = 16;
const ROW = 3;

/** Returns whether a pattern may occur with at most `errors` errors; never false where it does. Symbols are integers. */
export function createPieceFilter(text: Int32Array): (pattern: Int32Array, errors: number) => boolean {
  const known = new Uint8Array(2 ** BITS);
  for (let t = 0; t + ROW <= text.length; t++) known[hash(text, t)] = 1;

  /** Whether all sequences of three symbols in the piece [from, to) may occur in the text. */
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
