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
import { correct, parseCorrections } from "./corrections.ts";
import type { CorrectionRule } from "./corrections.ts";
import { applyEdits } from "./edits.ts";
import type { Edit } from "./edits.ts";
import { createFineMatcher } from "./fine.ts";
import type { FineMatch, SoundPair, Sounds } from "./fine.ts";
import { createPieceFilter } from "./pieces.ts";
import { toPhonemes } from "./phonemes.ts";
import { parseHotwords } from "./hot-file.ts";
import { SoundTable } from "./sound-cost.ts";
import { platform } from "../../platform/current.ts";
import type { WatchOptions } from "../../platform/platform.ts";

export interface HotwordOptions {
  /** What a word has to score to be offered. */
  readonly threshold?: number;
  /** How many words are offered at most. */
  readonly max?: number;
  /**
   * From which score on a word replaces what was heard, where no language model decides: in drafts, for Paraformer
   * and SenseVoice. 1, the default, is for what sounds exactly alike; `false` replaces nothing.
   */
  readonly replace?: number | false;
  /** Rules for the final text, as a file has them (`wrong => right` or `/pattern/ => right` on each line). */
  readonly corrections?: string;
}

/** One change of a text. */
export interface Correction {
  /** The word that was put in by its sound, or the rule. */
  readonly by: string;
  /** How often. */
  readonly count: number;
}

export interface CorrectedText {
  readonly text: string;
  readonly corrections: readonly Correction[];
  /** The changes one step after the other, for whoever has times for the characters. */
  readonly steps: readonly (readonly Edit[])[];
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

interface Candidate {
  readonly entry: Entry;
  readonly coarseScore: number;
}

/** Candidates may score this much less than the threshold, so that near misses can be explained. */
const MARGIN = 0.1;
/** The closer look is for so many words. */
const SHORTLIST = 100;
/** Words between two looks at how good a word has to be. */
const BATCH = 400;

/**
 * A list of hotwords: an iterable of words, or the text of a `hot.txt`. One object serves any number of
 * transcriptions; changing its list takes effect with the next one.
 */
export class Hotwords {
  readonly #threshold: number;
  readonly #max: number;
  readonly #replace: number;
  readonly #rules: readonly CorrectionRule[];
  #table = new SoundTable();
  #entries: Entry[] = [];

  constructor(words: Iterable<string> = [], options: HotwordOptions = {}) {
    const { threshold = 0.6, max = 10, replace = 1, corrections = "" } = options;
    if (!(threshold > 0 && threshold <= 1))
      throw new UsageError("bad_option", "hotwords.threshold", String(threshold), {
        wanted: "above 0, up to 1",
      });
    if (!(Number.isInteger(max) && max >= 0))
      throw new UsageError("bad_option", "hotwords.max", String(max), { wanted: "an integer from 0" });
    if (replace !== false && !(replace > 0 && replace <= 1))
      throw new UsageError("bad_option", "hotwords.replace", String(replace), {
        wanted: "above 0, up to 1, or false",
      });
    this.#threshold = threshold;
    this.#max = max;
    this.#replace = replace === false ? Infinity : replace;
    this.#rules = parseCorrections(corrections, "hotwords.corrections");
    this.update(words);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** How many words are offered at most. */
  get max(): number {
    return this.#max;
  }

  /** The words, in the order of the list. */
  get words(): readonly string[] {
    return this.#entries.map(({ word }) => word);
  }

  /** Replaces the list. Words without a sound (punctuation, emoji) cannot be heard and are left out. */
  update(words: Iterable<string>): void {
    const list = typeof words === "string" ? parseHotwords(words) : words;
    const unique = new Set(Array.from(list, (word) => word.trim()));
    this.#table = new SoundTable();
    this.#entries = [...unique].flatMap((word) => {
      const sounds = this.#listen(word);
      return sounds.symbols.length === 0 ? [] : [{ word, ...sounds }];
    });
  }

  /**
   * Takes the list from a file with a word on each line, now and whenever it changes, until the watch is disposed of.
   * Throws where it cannot be read now; later the last good list stays, and `onError` hears why.
   */
  watch(path: string, options: WatchOptions = {}): Promise<Disposable> {
    return platform().watchText(path, (text) => this.update(parseHotwords(text)), options);
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
    const matches = createFineMatcher(text, this.#table);
    const hits = this.#shortlist(text).flatMap(({ entry, coarseScore }) => {
      const [best] = matches(entry, this.#threshold - MARGIN);
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

  /**
   * A text with its corrections: first the words that sound like what stands there, if `bySound` is set (a language
   * model that has seen the list needs no such help), then the rules.
   */
  correct(text: string, { bySound = true }: { readonly bySound?: boolean } = {}): CorrectedText {
    const replaced = bySound ? this.#replacements(text) : [];
    const heard = applyEdits(text, replaced);
    const counts = new Map<string, number>();
    for (const edit of replaced) counts.set(edit.text, (counts.get(edit.text) ?? 0) + 1);
    const ruled = correct(heard, this.#rules);
    return {
      text: ruled.text,
      corrections: [
        ...[...counts].map(([by, count]) => ({ by, count })),
        ...ruled.applied.map(({ rule, count }) => ({ by: rule, count })),
      ],
      steps: [...(replaced.length === 0 ? [] : [replaced]), ...ruled.steps],
    };
  }

  /** Where words stand that are spelled otherwise: the best score first, then the longer, then what is right already. */
  #replacements(text: string): Edit[] {
    if (this.#replace > 1) return [];
    const sounds = this.#listen(text);
    const matches = createFineMatcher(sounds, this.#table);
    const places = this.#shortlist(sounds).flatMap(({ entry }) =>
      matches(entry, this.#replace).map((match) => {
        const { start, end, heard } = place(text, sounds, match);
        return { start, end, text: entry.word, score: match.score, same: heard === entry.word };
      }),
    );
    places.sort(
      (a, b) => b.score - a.score || b.end - b.start - (a.end - a.start) || Number(b.same) - Number(a.same),
    );
    const kept: typeof places = [];
    for (const edit of places)
      if (kept.every((other) => edit.end <= other.start || edit.start >= other.end)) kept.push(edit);
    return kept
      .filter(({ same }) => !same)
      .sort((a, b) => a.start - b.start)
      .map(({ start, end, text: word }) => ({ start, end, text: word }));
  }

  /** The best of the first look, the earlier of equals. Once there are enough, what cannot be better is not looked at. */
  #shortlist(text: Sounds): Candidate[] {
    const match = createCoarseMatcher(text.symbols, this.#table.size);
    const mayOccur = createPieceFilter(text.symbols);
    let best: Candidate[] = [];
    for (let first = 0; first < this.#entries.length; first += BATCH) {
      const worst = best[SHORTLIST - 1]?.coarseScore;
      const batch = this.#entries
        .slice(first, first + BATCH)
        .filter(({ symbols }) => worst === undefined || mayOccur(symbols, mostErrors(symbols.length, worst)));
      const distances = match(batch.map(({ symbols }) => symbols));
      const near = batch
        .map((entry, i) => ({ entry, coarseScore: scoreOf(distances[i] as number, entry.symbols.length) }))
        .filter(({ coarseScore }) => coarseScore >= this.#threshold - MARGIN);
      best = [...best, ...near].sort((a, b) => b.coarseScore - a.coarseScore).slice(0, SHORTLIST);
    }
    return best;
  }

  #listen(text: string): Sounds {
    const phonemes = toPhonemes(text);
    return { phonemes, symbols: this.#table.symbols(phonemes) };
  }
}

const scoreOf = (distance: number, sounds: number): number => 1 - distance / sounds;

/** How many errors a word may have to score better; -1 where none can. */
function mostErrors(sounds: number, worst: number): number {
  let errors = Math.floor((1 - worst) * sounds);
  while (errors >= 0 && scoreOf(errors, sounds) <= worst) errors--;
  return errors;
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
