/** What hotwords do with a text that is written: which of them it has, and what their rules correct. */
import { editUnits } from "../text/hotwords/edits.ts";
import { containsWord } from "../text/hotwords/trie.ts";
import { toWords } from "../text/timestamps/words.ts";
import type { HotwordPlan, Offer } from "./hotwords.ts";
import type { OfferedHotword, Recognition } from "./result.ts";

/** Which of the offered words the text has. */
export function foundIn(text: string, offers: readonly Offer[]): OfferedHotword[] {
  return offers.map((offer) => ({ ...offer, found: containsWord(text, offer.word) }));
}

/**
 * The recognition with its text corrected by the rules of the hotwords, and by their sounds where the model was offered
 * none. Times stay with their characters.
 */
export function applyCorrections<
  Result extends Pick<Recognition, "text" | "characters" | "words" | "corrections">,
>(recognition: Result, { searched }: HotwordPlan, { bySound }: { readonly bySound: boolean }): Result {
  if (searched === undefined) return recognition;
  const { text, corrections } = searched.correct(recognition.text, { bySound });
  if (corrections.length === 0) return recognition;
  const { characters } = recognition;
  if (characters === undefined) return { ...recognition, text, corrections };
  const spelled = characters.map((unit) => unit.text).join("");
  let timed = characters;
  for (const edits of searched.correct(spelled, { bySound }).steps) timed = editUnits(timed, edits);
  return { ...recognition, text, corrections, characters: timed, words: toWords(timed) };
}

/** The hotwords of all windows, each word and rule once: with its best score, and whether it was found in any. */
export function hotwordsOfAll(
  parts: readonly Pick<Recognition, "hotwords" | "corrections">[],
): Pick<Recognition, "hotwords" | "corrections"> {
  const offered = new Map<string, OfferedHotword>();
  const counts = new Map<string, number>();
  for (const { hotwords = [], corrections = [] } of parts) {
    for (const offer of hotwords) {
      const known = offered.get(offer.word) ?? offer;
      const better = (offer.score ?? 0) > (known.score ?? 0) ? offer : known;
      offered.set(offer.word, { ...better, found: known.found || offer.found });
    }
    for (const { by, count } of corrections) counts.set(by, (counts.get(by) ?? 0) + count);
  }
  const given = parts.some(({ hotwords }) => hotwords !== undefined);
  return {
    ...(given ? { hotwords: [...offered.values()] } : {}),
    ...(counts.size === 0 ? {} : { corrections: [...counts].map(([by, count]) => ({ by, count })) }),
  };
}
