/** Levenshtein distance of two sequences: the least number of insertions, deletions and replacements. */
export function distance(a: readonly string[], b: readonly string[]): number {
  let row = Int32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, x] of a.entries()) {
    const next = new Int32Array(b.length + 1);
    next[0] = i + 1;
    for (const [j, y] of b.entries())
      next[j + 1] = Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (x === y ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
