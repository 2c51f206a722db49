/** All readings of a hotword: as a text is read, and with its signs spoken. */
import { toPhonemes } from "./phonemes.ts";
import type { Phoneme } from "./phonemes.ts";
import { spokenForms } from "./signs.ts";

/** The first is that of a text; words without a sound have none. */
export function readingsOf(word: string): Phoneme[][] {
  const written = toPhonemes(word);
  if (written.length === 0) return [];
  return [written, ...spokenForms(word).map((form) => toPhonemes(form))];
}
