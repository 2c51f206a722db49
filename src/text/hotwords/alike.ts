/**
 * When a hotword that is read as English counts as found. Vowels are rough, since the rules from letters to sounds are: they
 * only cost. Consonants identify a word, so each needs an equal or a near one: "Anne" is not "John", whatever follows.
 * `tools/eval/hotword-sounds.ts` compares this with other rules. 0.8 is the smallest score with which the rule offers no more
 * wrong words than the score alone does, on one half of the words that sound identical; on the other half, too.
 */
import type { PhonemeMatch } from "./phoneme-alignment.ts";
import { isConsonant, NEAR } from "./sound-cost.ts";

/** The smallest score of a word by its English sounds. */
export const LEAST_READ = 0.8;

export function hasItsConsonants({ pairs }: Pick<PhonemeMatch, "pairs">): boolean {
  return pairs.every(
    ({ wanted, heard, cost }) =>
      cost <= NEAR || ![wanted, heard].some((sound) => sound !== undefined && isConsonant(sound)),
  );
}
