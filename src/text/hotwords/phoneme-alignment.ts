/**
 * Phoneme alignment of a word with a text: the cheapest alignment of all the word's phonemes with a part of the text
 * that begins and ends at word borders. Phonemes that are easily confused cost half.
 */
import { checkCells } from "./limits.ts";
import type { Phoneme } from "./phonemes.ts";
import { SoundTable } from "./sound-cost.ts";

/** Phonemes with their symbols in a {@link SoundTable}. */
export interface Sounds {
  readonly phonemes: readonly Phoneme[];
  readonly symbols: Int32Array;
}

/** One step of an alignment; where a side is missing, a phoneme was deleted or inserted. */
export interface SoundPair {
  readonly wanted: Phoneme | undefined;
  readonly heard: Phoneme | undefined;
  readonly cost: number;
}

/** A part of the text that is like a word. */
export interface PhonemePlace {
  /** 1 - cost / phonemes of the word. */
  readonly score: number;
  /** Phonemes [from, to) of the text. */
  readonly from: number;
  readonly to: number;
}

export interface PhonemeMatch extends PhonemePlace {
  readonly pairs: readonly SoundPair[];
}

/** An alignment that costs this share of the word's phonemes is not a match. */
const WORST = 0.8;
const GAP = 1;

/** Finds words in one text. */
export interface Aligner {
  /** The best match that scores at least `threshold` and is accepted, the earliest of equals. */
  best(word: Sounds, threshold: number, accepts?: (match: PhonemeMatch) => boolean): PhonemeMatch | undefined;
  /** The best match for each end that scores at least `threshold`; best first, then earliest. */
  places(word: Sounds, threshold: number): PhonemePlace[];
}

/** Throws `bad_option` where the words that are asked for are too long for the text. */
export function createAligner(text: Sounds, table: SoundTable): Aligner {
  const width = text.symbols.length + 1;
  let costs = new Float32Array(0); // [phonemes of the longest word + 1, width], multiples of 0.5: exact
  let cells = 0;

  /** Scores by their ends, best first. Rows from the second on are overwritten by the next word. */
  const endsOf = (word: Sounds, threshold: number): { readonly score: number; readonly to: number }[] => {
    const size = (word.symbols.length + 1) * width;
    checkCells((cells += size));
    if (costs.length < size) {
      costs = new Float32Array(size);
      for (let j = 1; j < width; j++) costs[j] = text.phonemes[j]?.startsWord === true ? 0 : Infinity;
    }
    return endsIn(costs, word, text, table, threshold);
  };
  return {
    best(word, threshold, accepts = () => true) {
      for (const end of endsOf(word, threshold)) {
        const pairs: SoundPair[] = [];
        const from = trackBack(costs, word, text, table, end.to, (pair) => pairs.push(pair));
        const match = { ...end, from, pairs: pairs.toReversed() };
        if (accepts(match)) return match;
      }
      return undefined;
    },
    places: (word, threshold) =>
      endsOf(word, threshold).map((end) => ({ ...end, from: trackBack(costs, word, text, table, end.to) })),
  };
}

/** The first row of `costs` must be filled; the others are overwritten. */
function endsIn(
  costs: Float32Array,
  word: Sounds,
  text: Sounds,
  table: SoundTable,
  threshold: number,
): { score: number; to: number }[] {
  const [m, n] = [word.symbols.length, text.symbols.length];
  if (m === 0 || n === 0) return [];
  const width = n + 1;
  for (let i = 1; i <= m; i++) {
    const pair = table.costs(word.symbols[i - 1] as number);
    const lowest = nextRow(costs, i, width, pair, text.symbols);
    if (lowest > m * (1 - threshold)) return [];
  }

  const ends: { score: number; to: number }[] = [];
  for (let j = 1; j <= n; j++) {
    const total = costs[m * width + j] as number;
    const score = 1 - total / m;
    if (text.phonemes[j - 1]?.endsWord === true && total < WORST * m && score >= threshold)
      ends.push({ score, to: j });
  }
  return ends.sort((a, b) => b.score - a.score || a.to - b.to);
}

/** Fills row i of the edit matrix and returns its lowest cost. */
function nextRow(
  costs: Float32Array,
  i: number,
  width: number,
  pair: Float32Array,
  text: Int32Array,
): number {
  const row = i * width;
  let left = i * GAP;
  let lowest = left;
  costs[row] = left;
  for (let j = 1; j < width; j++) {
    const both = (costs[row - width + j - 1] as number) + (pair[text[j - 1] as number] as number);
    const above = costs[row - width + j] as number;
    const gap = (above < left ? above : left) + GAP;
    left = both < gap ? both : gap;
    costs[row + j] = left;
    if (left < lowest) lowest = left;
  }
  return lowest;
}

/** Where the alignment that ends at `to` begins; its steps are given to `onPair`, from the last to the first. */
function trackBack(
  costs: Float32Array,
  word: Sounds,
  text: Sounds,
  table: SoundTable,
  to: number,
  onPair?: (pair: SoundPair) => void,
): number {
  const width = text.symbols.length + 1;
  let [i, j] = [word.symbols.length, to];
  while (i > 0) {
    const here = costs[i * width + j] as number;
    const [wanted, heard] = [word.phonemes[i - 1], text.phonemes[j - 1]];
    const cost =
      j === 0
        ? Infinity
        : (table.costs(word.symbols[i - 1] as number)[text.symbols[j - 1] as number] as number);
    if (here === (costs[(i - 1) * width + j - 1] as number) + cost) {
      onPair?.({ wanted, heard, cost });
      i--;
      j--;
    } else if (here === (costs[(i - 1) * width + j] as number) + GAP) {
      onPair?.({ wanted, heard: undefined, cost: GAP });
      i--;
    } else {
      onPair?.({ wanted: undefined, heard, cost: GAP });
      j--;
    }
  }
  return j;
}
