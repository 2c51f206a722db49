/**
 * Hotword retrieval: which words of a long list may have been spoken. The draft text of the CTC head is searched by
 * sound, and the nearest words go into the prompt, where the language model decides. Two stages: a bit-parallel edit
 * distance over all words, then a weighted phoneme alignment for the best hundred.
 *
 * Follows the January version of Fun-ASR-GGUF's retrieval (threshold 0.6, ten words): a word may begin anywhere,
 * without the later versions' penalty for words in mid-sentence. The order depends on text and list alone. Nothing is
 * found in a silent segment, whose draft is empty.
 */
import { checkOptions } from "../../options/check.ts";
import { hotwordListOptions } from "../../options/table.ts";
import { correct, parseCorrections } from "./corrections.ts";
import type { CorrectionRule } from "./corrections.ts";
import { applyEdits } from "./edits.ts";
import type { Edit } from "./edits.ts";
import { hasItsConsonants, LEAST_READ } from "./alike.ts";
import { createAligner } from "./phoneme-alignment.ts";
import type { PhonemeMatch, PhonemePlace, SoundPair, Sounds } from "./phoneme-alignment.ts";
import { toPhonemes } from "./phonemes.ts";
import { readingsOf } from "./readings.ts";
import { parseHotwords } from "./hot-file.ts";
import { checkCount } from "./limits.ts";
import { shortlist } from "./shortlist.ts";
import type { Entry } from "./shortlist.ts";
import { SoundTable } from "./sound-cost.ts";
import { platform } from "../../platform/current.ts";
import type { WatchOptions } from "../../platform/platform.ts";

export interface HotwordOptions {
  /** The smallest score of a word that is offered; 0.6 by default. */
  readonly threshold?: number;
  /** The maximum number of words that are offered; 10 by default. */
  readonly max?: number;
  /**
   * The smallest score of a word that replaces text where the model takes no hotwords: in drafts, for SenseVoice, and for
   * Paraformer without SeACo's bias. 1, the default, replaces text that sounds identical; `false` replaces nothing.
   */
  readonly replace?: number | false;
  /** Rules for the final text, in the format of a corrections file (`wrong => right` or `/pattern/ => right` on each line). */
  readonly corrections?: string;
}

/** One change of a text. */
export interface Correction {
  /** The hotword, or the rule. */
  readonly by: string;
  /** The number of replacements. */
  readonly count: number;
}

interface CorrectedText {
  readonly text: string;
  readonly corrections: readonly Correction[];
  /** The edits, one step after the other, to be applied to the times of the characters. */
  readonly steps: readonly (readonly Edit[])[];
}

/** Why a word is in the prompt, or narrowly missed it. */
export interface HotwordHit {
  readonly word: string;
  /** 1 sounds identical, 0 has no sound in common. */
  readonly score: number;
  /** The score of the first stage. */
  readonly prefilterScore: number;
  /** The part of the text that sounds like the word: [start, end) of the string. */
  readonly heard: string;
  readonly start: number;
  readonly end: number;
  readonly pairs: readonly SoundPair[];
  readonly offered: boolean;
}

/** Candidates may score this much less than the threshold, so that `explain` shows near misses. */
const MARGIN = 0.1;

/** A word, and where it is in a text. */
interface Hit {
  readonly entry: Entry;
  readonly prefilterScore: number;
  readonly best: PhonemeMatch;
  readonly text: Sounds;
}

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
  #words: readonly string[] = [];
  /** An entry for each reading of each word. */
  #entries: Entry[] = [];
  /** The words with English letters, as they are read. */
  #read: Entry[] = [];

  constructor(words: Iterable<string> = [], options: HotwordOptions = {}) {
    const { threshold = 0.6, max = 10, replace = 1, corrections = "" } = options;
    checkOptions(options, hotwordListOptions, "hotwords.");
    this.#threshold = threshold;
    this.#max = max;
    this.#replace = replace === false ? Infinity : replace;
    this.#rules = parseCorrections(corrections, "hotwords.corrections");
    this.update(words);
  }

  get size(): number {
    return this.#words.length;
  }

  /** The maximum number of words that are offered. */
  get max(): number {
    return this.#max;
  }

  /** The words, in the order of the list. */
  get words(): readonly string[] {
    return this.#words;
  }

  /** Replaces the list. Words without a sound (punctuation, emoji) are left out. Throws `bad_option` for one that is too long. */
  update(words: Iterable<string>): void {
    const list = typeof words === "string" ? parseHotwords(words) : words;
    const unique = checkCount(new Set(Array.from(list, (word) => word.trim())));
    this.#table = new SoundTable();
    this.#entries = [...unique].flatMap((word) => {
      const readings = readingsOf(word);
      return readings.map((phonemes) => ({ word, phonemes, symbols: this.#table.symbols(phonemes) }));
    });
    this.#words = [...new Set(this.#entries.map(({ word }) => word))];
    this.#read = this.#words.flatMap((word) => {
      const phonemes = toPhonemes(word, "read");
      const isRead = phonemes.some(({ kind }) => kind === "sound");
      return isRead ? [{ word, phonemes, symbols: this.#table.symbols(phonemes) }] : [];
    });
  }

  /**
   * Reads the list from a file with a word on each line, now and whenever it changes, until the watch is disposed of.
   * Throws where the file cannot be read now; where it cannot be read later, the last list stays and `onError` is called.
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

  /** Every word near the threshold or above it: best first, longer before shorter, then in the order of the list. */
  explain(draft: string): HotwordHit[] {
    const spelled = this.#hits(draft, "spelled", this.#threshold - MARGIN);
    const read = this.#hits(draft, "read", Math.max(this.#threshold, LEAST_READ));
    const hits = [...spelled, ...read].sort(
      (a, b) => b.best.score - a.best.score || b.entry.symbols.length - a.entry.symbols.length,
    );
    const seen = new Set<string>();
    const distinct = hits.filter(({ entry: { word } }) => !seen.has(word) && seen.add(word));
    return distinct.map(({ entry, prefilterScore, best, text }, rank) => ({
      word: entry.word,
      score: best.score,
      prefilterScore,
      ...place(draft, text, best),
      pairs: best.pairs,
      offered: best.score >= this.#threshold && rank < this.#max,
    }));
  }

  /** The best place of each word that scores at least `least`. */
  #hits(draft: string, words: "spelled" | "read", least: number): Hit[] {
    const entries = words === "spelled" ? this.#entries : this.#read;
    if (entries.length === 0) return [];
    const text = this.#sounds(draft, words);
    const aligner = createAligner(text, this.#table);
    // The first stage has no half costs: of words that are read, more than the margin lies between the stages.
    const first = words === "spelled" ? least : least - 2 * MARGIN;
    return shortlist(entries, text, this.#table.size, first).flatMap(({ entry, prefilterScore }) => {
      const best = aligner.best(entry, least, words === "read" ? hasItsConsonants : undefined);
      return best === undefined ? [] : [{ entry, prefilterScore, best, text }];
    });
  }

  /**
   * Corrects a text: first by the hotwords that sound like a part of it, if `bySound` is set (not needed after a model
   * that was offered the list), then by the rules.
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

  /** Replacements of text that sounds like a hotword; best first, then longest, then those that change nothing. */
  #replacements(text: string): Edit[] {
    if (this.#replace > 1) return [];
    const sounds = this.#sounds(text);
    const aligner = createAligner(sounds, this.#table);
    const candidates = shortlist(this.#entries, sounds, this.#table.size, this.#threshold - MARGIN);
    const places = candidates.flatMap(({ entry }) =>
      aligner.places(entry, this.#replace).map((match) => {
        const { start, end, heard } = place(text, sounds, match);
        return { start, end, text: entry.word, score: match.score, same: heard === entry.word };
      }),
    );
    places.sort(
      (a, b) => b.score - a.score || b.end - b.start - (a.end - a.start) || Number(b.same) - Number(a.same),
    );
    const taken = new Uint8Array(text.length);
    const kept = places.filter(({ start, end }) => {
      if (taken.subarray(start, end).includes(1)) return false;
      taken.fill(1, start, end);
      return true;
    });
    const changing = kept.filter(({ same }) => !same).sort((a, b) => a.start - b.start);
    return changing.map(({ start, end, text: word }) => ({ start, end, text: word }));
  }

  #sounds(text: string, words: "spelled" | "read" = "spelled"): Sounds {
    const phonemes = toPhonemes(text, words);
    return { phonemes, symbols: this.#table.symbols(phonemes) };
  }
}

/** The characters of the draft that match the word. */
function place(
  draft: string,
  text: Sounds,
  { from, to }: PhonemePlace,
): Pick<HotwordHit, "heard" | "start" | "end"> {
  const start = text.phonemes[from]?.start ?? 0;
  const end = text.phonemes[to - 1]?.end ?? draft.length;
  return { heard: draft.slice(start, end), start, end };
}
