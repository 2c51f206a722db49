/** Rules by which a hotword that is read as English may count as found, and what they find in a text. */
import { hasItsConsonants } from "../../src/text/hotwords/alike.ts";
import { createAligner } from "../../src/text/hotwords/phoneme-alignment.ts";
import type { PhonemeMatch, Sounds } from "../../src/text/hotwords/phoneme-alignment.ts";
import { toPhonemes } from "../../src/text/hotwords/phonemes.ts";
import type { Phoneme } from "../../src/text/hotwords/phonemes.ts";
import { readingsOf } from "../../src/text/hotwords/readings.ts";
import { SoundTable } from "../../src/text/hotwords/sound-cost.ts";

type Accepts = (match: PhonemeMatch, spelled: number, least: number) => boolean;

const KINDS: readonly (readonly [name: string, accepts: Accepts])[] = [
  ["score alone", () => true],
  ["each word's score", ({ pairs }, _, least) => lowestWord(pairs) >= least],
  ["spelling near", (_, spelled) => spelled >= 0.4],
  ["consonants near", hasItsConsonants],
];
const LEAST = [0.7, 0.75, 0.8, 0.85, 0.9, 1] as const;
/** The library's threshold of words as they are spelled. */
export const SPELLED = 0.6;

/** Each rule with each smallest score. */
export const rules = KINDS.flatMap(([name, accepts]) => LEAST.map((least) => ({ name, least, accepts })));

interface Found {
  /** The best score of the word as it is spelled. */
  readonly spelled: number;
  /** For each rule, the score and the place of the word as it is read. */
  readonly read: readonly ({ readonly score: number; readonly heard: string } | undefined)[];
}

const table = new SoundTable();
const withSymbols = (phonemes: readonly Phoneme[]): Sounds => ({
  phonemes,
  symbols: table.symbols(phonemes),
});

/** Returns a function that searches this text for a word. */
export function searchIn(text: string): (word: string) => Found {
  const asRead = withSymbols(toPhonemes(text, "read"));
  const [aligner, letters] = [
    createAligner(asRead, table),
    createAligner(withSymbols(toPhonemes(text)), table),
  ];
  return (word) => {
    const scores = readingsOf(word).map((reading) => letters.best(withSymbols(reading), 0.3)?.score ?? 0);
    const spelled = Math.max(0, ...scores);
    const phonemes = toPhonemes(word, "read");
    const isRead = phonemes.some(({ kind }) => kind === "sound");
    const sounds = withSymbols(phonemes);
    if (!isRead || aligner.best(sounds, LEAST[0]) === undefined) return { spelled, read: [] };
    const read = rules.map(({ least, accepts }) => {
      const match = aligner.best(sounds, least, (one) => accepts(one, spelled, least));
      if (match === undefined) return undefined;
      const [first, last] = [asRead.phonemes[match.from]!, asRead.phonemes[match.to - 1]!];
      return { score: match.score, heard: text.slice(first.start, last.end) };
    });
    return { spelled, read };
  };
}

/** The lowest score of a word of a name. */
function lowestWord(pairs: PhonemeMatch["pairs"]): number {
  const words: { cost: number; sounds: number }[] = [];
  for (const { wanted, cost } of pairs) {
    if (wanted?.startsWord === true) words.push({ cost: 0, sounds: 0 });
    const word = words.at(-1);
    if (word === undefined) continue;
    word.cost += cost;
    if (wanted !== undefined) word.sounds++;
  }
  return Math.min(...words.map(({ cost, sounds }) => 1 - cost / sounds));
}
