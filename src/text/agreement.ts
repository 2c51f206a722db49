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
  const spoken = Array.from(nearestReading(written, draft));
  const longer = Math.max(spoken.length, drafted.length);
  return longer === 0 ? 1 : 1 - distance(spoken, drafted) / longer;
}

/** The text as it is spoken, folded: each number in the reading that is nearest to the draft. */
function nearestReading(written: string, draft: string): string {
  const drafted = Array.from(fold(draft.normalize("NFC")));
  const pieces = written.normalize("NFC").match(/\d+|\D+/gu) ?? [];
  const spoken = (): string => fold(pieces.join(""));
  const errors = (): number => distance(Array.from(spoken()), drafted);
  let least = errors();
  for (const [i, piece] of pieces.entries()) {
    if (!/^\d/u.test(piece)) continue;
    let best = piece;
    for (const reading of numberReadings(piece)) {
      pieces[i] = reading;
      const found = errors();
      if (found < least) [least, best] = [found, reading];
    }
    pieces[i] = best;
  }
  return spoken();
}
