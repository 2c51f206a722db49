/** The times of a text with marks: its characters have those of the text without them, marks and spaces the time between. */
import { settle } from "../timestamps/timed.ts";
import type { RoughUnit, TimedUnit } from "../timestamps/timed.ts";
import { splitAtSpaces } from "./words.ts";
import type { WrittenWord } from "./written.ts";

interface TimedWords {
  /** Every character of the written text, without a space at its start. */
  readonly characters: TimedUnit[];
  /** Of each word, from its first character to its last one. */
  readonly spans: readonly { readonly start: number; readonly end: number }[];
}

/** `characters` are those that the words were found in. */
export function timedWords(words: readonly WrittenWord[], characters: readonly TimedUnit[]): TimedWords {
  const spoken = characters.filter(({ text }) => splitAtSpaces(text).length > 0);
  const units: RoughUnit[] = [];
  const places: { readonly from: number; to: number }[] = [];
  let next = 0; // of the spoken characters
  const addSign = (text: string): void => {
    const time = units.at(-1)?.end ?? spoken[0]?.start ?? 0;
    units.push({ text, start: time, end: time, source: "interpolated" });
  };
  for (const [i, { spaced, word, mark }] of words.entries()) {
    if (spaced && i > 0) addSign(" ");
    const from = units.length;
    for (const text of word) {
      const own = spoken[next++];
      if (own === undefined) addSign(text);
      else units.push({ ...own, text });
    }
    places.push({ from, to: Math.max(from, units.length - 1) });
    for (const text of mark) addSign(text);
  }
  const settled = settle(units);
  const spans = places.map(({ from, to }) => ({
    start: settled[from]?.start ?? 0,
    end: settled[to]?.end ?? 0,
  }));
  return { characters: settled, spans };
}
