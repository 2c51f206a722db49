/**
 * A close look for a word in a text, by sound: the cheapest alignment of all its sounds with a stretch of the
 * text that begins and ends on word borders. Sounds that are easily confused cost half.
 */
import type { Phoneme } from "./phonemes.ts";
import { SoundTable } from "./sound-cost.ts";

/** Sounds with their numbers in a {@link SoundTable}. */
export interface Sounds {
  readonly phonemes: readonly Phoneme[];
  readonly symbols: Int32Array;
}

/** One step of an alignment; a missing side is a sound left out or put in. */
export interface SoundPair {
  readonly wanted: Phoneme | undefined;
  readonly heard: Phoneme | undefined;
  readonly cost: number;
}

export interface FineMatch {
  /** 1 - cost / sounds of the word. */
  readonly score: number;
  /** Sounds [from, to) of the text. */
  readonly from: number;
  readonly to: number;
  readonly pairs: readonly SoundPair[];
}

/** An alignment that costs this share of the word's sounds says nothing. */
const WORST = 0.8;
const GAP = 1;

/** Finds words in one text: the best match for each end that scores at least `threshold`, best first, the earlier of equals. */
export function createFineMatcher(
  text: Sounds,
  table: SoundTable,
): (word: Sounds, threshold: number) => FineMatch[] {
  const width = text.symbols.length + 1;
  let costs = new Float32Array(0); // [sounds of the longest word + 1, width], multiples of 0.5: exact
  return (word, threshold) => {
    const size = (word.symbols.length + 1) * width;
    if (costs.length < size) {
      costs = new Float32Array(size);
      for (let j = 1; j < width; j++) costs[j] = text.phonemes[j]?.startsWord === true ? 0 : Infinity;
    }
    return matchesOf(costs, word, text, table, threshold);
  };
}

/** `costs`: its first row is filled, the others are not. */
function matchesOf(
  costs: Float32Array,
  word: Sounds,
  text: Sounds,
  table: SoundTable,
  threshold: number,
): FineMatch[] {
  const [m, n] = [word.symbols.length, text.symbols.length];
  if (m === 0 || n === 0) return [];
  const width = n + 1;
  for (let i = 1; i <= m; i++) {
    const pair = table.costs(word.symbols[i - 1] as number);
    const lowest = nextRow(costs, i, width, pair, text.symbols);
    if (lowest > m * (1 - threshold)) return [];
  }

  const matches: FineMatch[] = [];
  for (let j = 1; j <= n; j++) {
    const total = costs[m * width + j] as number;
    const score = 1 - total / m;
    if (text.phonemes[j - 1]?.endsWord === true && total < WORST * m && score >= threshold)
      matches.push({ score, to: j, ...trackBack(costs, word, text, table, j) });
  }
  return matches.sort((a, b) => b.score - a.score || a.to - b.to);
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

function trackBack(
  costs: Float32Array,
  word: Sounds,
  text: Sounds,
  table: SoundTable,
  to: number,
): { from: number; pairs: SoundPair[] } {
  const width = text.symbols.length + 1;
  const pairs: SoundPair[] = [];
  let [i, j] = [word.symbols.length, to];
  while (i > 0) {
    const here = costs[i * width + j] as number;
    const [wanted, heard] = [word.phonemes[i - 1], text.phonemes[j - 1]];
    const cost =
      j === 0
        ? Infinity
        : (table.costs(word.symbols[i - 1] as number)[text.symbols[j - 1] as number] as number);
    if (here === (costs[(i - 1) * width + j - 1] as number) + cost) {
      pairs.push({ wanted, heard, cost });
      i--;
      j--;
    } else if (here === (costs[(i - 1) * width + j] as number) + GAP) {
      pairs.push({ wanted, heard: undefined, cost: GAP });
      i--;
    } else {
      pairs.push({ wanted: undefined, heard, cost: GAP });
      j--;
    }
  }
  return { from: j, pairs: pairs.toReversed() };
}
