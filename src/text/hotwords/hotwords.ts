/**
 * Which of many thousand words may have been said? The draft text of the CTC head is searched by sound, and the
 * words that come near go into the prompt, where the language model decides. Two looks: a bit-parallel edit
 * distance over all words, then a weighted alignment for the best hundred.
 *
 * After Fun-ASR-GGUF's retrieval (threshold 0.6, ten words), with its January semantics: a word may begin
 * anywhere, without the later versions' penalty for words in mid-sentence; and in an order that depends on
 * nothing but text and list. Nothing is found in a silent segment, whose draft is empty.
 */
import { UsageError } from "../../errors.ts";
import { createCoarseMatcher } from "./coarse.ts";
import { fineMatches } from "./fine.ts";
import type { FineMatch, SoundPair, Sounds } from "./fine.ts";
import { toPhonemes } from "./phonemes.ts";
import { SoundTable } from "./sound-cost.ts";

export interface HotwordOptions {
  /** What a word has to score to be offered. */
  readonly threshold?: number;
  /** How many words are offered at most. */
  readonly max?: number;
}

/** Why a word is in the prompt, or just missed it. */
export interface HotwordHit {
  readonly word: string;
  /** 1 is how the word sounds, 0 is nothing like it. */
  readonly score: number;
  /** The same from the first, quick look. */
  readonly coarseScore: number;
  /** What stands in the text, and where: [start, end) of the string. */
  readonly heard: string;
  readonly start: number;
  readonly end: number;
  readonly pairs: readonly SoundPair[];
  readonly offered: boolean;
}

interface Entry extends Sounds {
  readonly word: string;
}

/** Candidates may score this much less than the threshold, so that near misses can be explained. */
const MARGIN = 0.1;
/** The closer look is for so many words. */
const SHORTLIST = 100;

export class Hotwords {
  readonly #threshold: number;
  readonly #max: number;
  #table = new SoundTable();
  #entries: Entry[] = [];

  constructor(words: Iterable<string> = [], { threshold = 0.6, max = 10 }: HotwordOptions = {}) {
    if (!(threshold > 0 && threshold <= 1))
      throw new UsageError("bad_option", "hotwords.threshold", String(threshold), {
        wanted: "above 0, up to 1",
      });
    if (!(Number.isInteger(max) && max >= 0))
      throw new UsageError("bad_option", "hotwords.max", String(max), { wanted: "an integer from 0" });
    this.#threshold = threshold;
    this.#max = max;
    this.update(words);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Replaces the list. Words without a sound (punctuation, emoji) cannot be heard and are left out. */
  update(words: Iterable<string>): void {
    this.#table = new SoundTable();
    const unique = new Set(Array.from(words, (word) => word.trim()));
    this.#entries = [...unique].flatMap((word) => {
      const sounds = this.#listen(word);
      return sounds.symbols.length === 0 ? [] : [{ word, ...sounds }];
    });
  }

  /** The words to offer for this draft, best first. */
  match(draft: string): string[] {
    return this.explain(draft)
      .filter(({ offered }) => offered)
      .map(({ word }) => word);
  }

  /** Every word that came near, best first, longer before shorter, then in the order of the list. */
  explain(draft: string): HotwordHit[] {
    const text = this.#listen(draft);
    const hits = this.#shortlist(text).flatMap(({ entry, coarseScore }) => {
      const [best] = fineMatches(entry, text, this.#table, this.#threshold - MARGIN);
      return best === undefined ? [] : [{ entry, coarseScore, best }];
    });
    hits.sort((a, b) => b.best.score - a.best.score || b.entry.symbols.length - a.entry.symbols.length);
    return hits.map(({ entry, coarseScore, best }, rank) => ({
      word: entry.word,
      score: best.score,
      coarseScore,
      ...place(draft, text, best),
      pairs: best.pairs,
      offered: best.score >= this.#threshold && rank < this.#max,
    }));
  }

  #shortlist(text: Sounds): { entry: Entry; coarseScore: number }[] {
    const distance = createCoarseMatcher(text.symbols, this.#table.size);
    return this.#entries
      .map((entry) => ({ entry, coarseScore: 1 - distance(entry.symbols) / entry.symbols.length }))
      .filter(({ coarseScore }) => coarseScore >= this.#threshold - MARGIN)
      .sort((a, b) => b.coarseScore - a.coarseScore)
      .slice(0, SHORTLIST);
  }

  #listen(text: string): Sounds {
    const phonemes = toPhonemes(text);
    return { phonemes, symbols: this.#table.symbols(phonemes) };
  }
}

/** The characters that were heard as the word. */
function place(
  draft: string,
  text: Sounds,
  { from, to }: FineMatch,
): Pick<HotwordHit, "heard" | "start" | "end"> {
  const start = text.phonemes[from]?.start ?? 0;
  const end = text.phonemes[to - 1]?.end ?? draft.length;
  return { heard: draft.slice(start, end), start, end };
}
