/** The first stage of hotword retrieval: the hundred words nearest to a text, by edit distance over phonemes. */
import { checkSteps } from "./limits.ts";
import type { Sounds } from "./phoneme-alignment.ts";
import { createPieceFilter } from "./piece-filter.ts";
import { createPrefilter } from "./prefilter.ts";

export interface Entry extends Sounds {
  readonly word: string;
}

export interface Candidate {
  readonly entry: Entry;
  /** 1 - edit distance / phonemes of the word. */
  readonly prefilterScore: number;
}

/** Words that reach the second stage. */
const SHORTLIST = 100;
/** Words of one call of the prefilter; between calls, the score to beat is updated. */
const BATCH = 400;

/**
 * The best of the entries that score at least `threshold`, the earlier of equals. Words that cannot be among them are
 * skipped. Symbols are integers below `alphabet`. Throws `bad_option` for too many words in too long a text.
 */
export function shortlist(
  entries: readonly Entry[],
  text: Sounds,
  alphabet: number,
  threshold: number,
): Candidate[] {
  checkSteps(
    text.symbols.length * entries.reduce((sum, { symbols }) => sum + Math.ceil(symbols.length / 32), 0),
  );
  const match = createPrefilter(text.symbols, alphabet);
  const mayOccur = createPieceFilter(text.symbols);
  let best: Candidate[] = [];
  for (let first = 0; first < entries.length; first += BATCH) {
    const worst = best[SHORTLIST - 1]?.prefilterScore;
    const batch = entries
      .slice(first, first + BATCH)
      .filter(({ symbols }) => worst === undefined || mayOccur(symbols, mostErrors(symbols.length, worst)));
    const distances = match(batch.map(({ symbols }) => symbols));
    const near = batch
      .map((entry, i) => ({ entry, prefilterScore: scoreOf(distances[i] as number, entry.symbols.length) }))
      .filter(({ prefilterScore }) => prefilterScore >= threshold);
    best = [...best, ...near].sort((a, b) => b.prefilterScore - a.prefilterScore).slice(0, SHORTLIST);
  }
  return best;
}

const scoreOf = (distance: number, sounds: number): number => 1 - distance / sounds;

/** How many errors a word may have and still score better than `worst`; -1 where it cannot. */
function mostErrors(sounds: number, worst: number): number {
  let errors = Math.floor((1 - worst) * sounds);
  while (errors >= 0 && scoreOf(errors, sounds) <= worst) errors--;
  return errors;
}
