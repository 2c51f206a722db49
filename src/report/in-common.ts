/** Which pieces two texts of the same speech have in common: their longest common subsequence of characters. */

interface InCommon {
  /** For each piece, whether all of its characters are in the other text, too. */
  readonly left: boolean[];
  readonly right: boolean[];
}

/** Ignores punctuation, spaces and case. */
export function commonCharacters(left: readonly string[], right: readonly string[]): InCommon {
  const [a, b] = [characters(left), characters(right)];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width); // [a from i, b from j]
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i]!.text === b[j]!.text
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const marks = { left: left.map(() => true), right: right.map(() => true) };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i]!.text === b[j]!.text) [i, j] = [i + 1, j + 1];
    else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!))
      marks.left[a[i++]!.piece] = false;
    else marks.right[b[j++]!.piece] = false;
  }
  return marks;
}

function characters(pieces: readonly string[]): { text: string; piece: number }[] {
  return pieces.flatMap((text, piece) =>
    Array.from(text.normalize("NFKC").toLowerCase())
      .filter((character) => /[\p{L}\p{N}]/u.test(character))
      .map((character) => ({ text: character, piece })),
  );
}
