/**
 * How far two decoders of one encoder agree: the language model's text against the CTC draft. Ignores punctuation,
 * spaces and case; a number is compared in the reading that is nearest to the draft.
 */
import { distance } from "../edit-distance.ts";
import { fold } from "./hotwords/trie.ts";
import { numberReadings } from "./timestamps/number-readings.ts";

/** 1 is the same text, 0 has nothing in common: 1 − edit distance / length of the longer, in characters. */
export function agreement(written: string, draft: string): number {
  const drafted = Array.from(fold(draft.normalize("NFC")));
  const pieces = written.normalize("NFC").match(/\d+|\D+/gu) ?? [];
  const spoken = (): string[] => Array.from(fold(pieces.join("")));
  let least = distance(spoken(), drafted);
  for (const [i, piece] of pieces.entries()) {
    if (!/^\d/u.test(piece)) continue;
    let best = piece;
    for (const reading of numberReadings(piece)) {
      pieces[i] = reading;
      const found = distance(spoken(), drafted);
      if (found < least) [least, best] = [found, reading];
    }
    pieces[i] = best;
  }
  const longer = Math.max(spoken().length, drafted.length);
  return longer === 0 ? 1 : 1 - least / longer;
}
