/** The words of a text, those of scripts without spaces by the dictionaries of `Intl.Segmenter`. */

const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const SIGNS = /[^\p{L}\p{M}\p{N}'’]/gu;
/** Texts are looked up in parts of this many code units: a word at the border of two is taken for two. */
const PART = 2000;

/** A piece between two borders: the words of the dictionary at its edges, lower case and without signs. */
export interface Edges {
  readonly first: string;
  readonly last: string;
  /** Whether the last word goes on in the next piece. */
  readonly goesOn: boolean;
}

/** For each piece of the text, in order. Without `Intl.Segmenter` each piece is a word. */
export function edgesOf(pieces: readonly string[]): Edges[] {
  const segmenter = ownSegmenter();
  const edges: Edges[] = [];
  let part: string[] = [];
  let length = 0;
  const look = (): void => {
    const text = part.join("");
    if (segmenter === undefined || !WITHOUT_SPACES.test(text)) edges.push(...part.map(alone));
    else edges.push(...inDictionary(part, segmenter.segment(text)));
    [part, length] = [[], 0];
  };
  for (const piece of pieces) {
    part.push(piece);
    length += piece.length;
    if (length >= PART) look();
  }
  look();
  return edges;
}

function inDictionary(pieces: readonly string[], words: Iterable<Intl.SegmentData>): Edges[] {
  const found = Array.from(words);
  let at = 0; // the offset of the piece
  let word = 0; // the first one that ends behind that offset
  const endOf = (i: number): number => found[i]!.index + found[i]!.segment.length;
  return pieces.map((piece) => {
    const end = at + piece.length;
    while (endOf(word) <= at) word++;
    const first = word;
    while (endOf(word) < end) word++;
    const own = found.slice(first, word + 1).map(({ segment }) => bare(segment));
    at = end;
    return {
      first: own.find(Boolean) ?? "",
      last: own.findLast(Boolean) ?? "",
      goesOn: endOf(word) > end && WITHOUT_SPACES.test(piece),
    };
  });
}

function alone(piece: string): Edges {
  const word = bare(piece);
  return { first: word, last: word, goesOn: false };
}

const bare = (word: string): string => word.replaceAll(SIGNS, "").toLowerCase();

/** Undefined where the engine has none, as Firefox before version 125. */
function ownSegmenter(): Intl.Segmenter | undefined {
  const { Segmenter } = Intl as { readonly Segmenter?: typeof Intl.Segmenter };
  return Segmenter === undefined ? undefined : new Segmenter("und", { granularity: "word" });
}
