/**
 * Characters to words. A word is one character of a script without spaces (Chinese, kana, Thai …) with its marks, or a
 * run of letters, digits and joining characters ("don't", "3.14", "7-Zip"). Punctuation belongs to the word before it, a
 * sign that opens (a bracket, a quote, the $ of "$5") to the word after it; it does not change the word's time.
 */
import { staysWithPrevious } from "./graphemes.ts";
import { isQuote, opensWord } from "./signs.ts";
import type { TimedUnit } from "./timed.ts";

const ALONE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const LETTER = /^[\p{L}\p{M}\p{N}]/u;
/** Without marks, which signs may have, too. */
const BASE = /^[\p{L}\p{N}]/u;
const JOINS = /^['’.,:\-_@&/]$/u;
const BLANK = /^\p{White_Space}*$/u;

/** A word and its characters [from, to), punctuation included. */
export interface Word {
  readonly unit: TimedUnit;
  readonly from: number;
  readonly to: number;
}

interface Draft {
  from: number;
  to: number;
  /** The letters alone, which give the time. */
  readonly letters: TimedUnit[];
}

export function toWords(characters: readonly TimedUnit[]): TimedUnit[] {
  return groupWords(characters).map(({ unit }) => unit);
}

export function groupWords(characters: readonly TimedUnit[]): Word[] {
  const words: Draft[] = [];
  let prefix: number | undefined; // the first opening bracket or quote before the next word
  let open: Draft | undefined; // the word that a letter may continue
  let quoted = false;
  const texts = characters.map(({ text }) => text);
  const lastQuote = texts.findLastIndex(isQuote);
  const stays = staysWithPrevious(texts);
  const [touchesBefore, touchesAfter] = [touching(texts), touching(texts.toReversed()).toReversed()];
  for (const [i, character] of characters.entries()) {
    const { text } = character;
    const alone = ALONE.test(text);
    if (open === undefined && stays[i] === true) {
      const last = words.at(-1); // what goes on is a sign, not a word: ❤ and its variation selector
      if (last === undefined) prefix ??= i;
      else if (prefix === undefined) last.to = i + 1;
    } else if (alone || LETTER.test(text)) {
      const begins = alone || ALONE.test(open?.letters[0]?.text ?? "");
      if (open === undefined || (begins && stays[i] !== true)) {
        open = { from: prefix ?? i, to: i, letters: [] };
        prefix = undefined;
        words.push(open);
      }
      open.to = i + 1;
      open.letters.push(character);
    } else if (open !== undefined && (stays[i] === true || (JOINS.test(text) && joins(characters, i)))) {
      open.to = i + 1;
    } else {
      open = undefined;
      const last = words.at(-1);
      if (BLANK.test(text)) continue;
      const opens = opensWord(text, {
        touchesBefore: touchesBefore[i]!,
        touchesAfter: touchesAfter[i]!,
        before: texts[i - 1] ?? "",
        after: texts[i + 1] ?? "",
        quotes: !quoted && i < lastQuote,
      });
      if (isQuote(text)) quoted = opens;
      if (last === undefined || prefix !== undefined || opens) prefix ??= i;
      else last.to = i + 1;
    }
  }
  const last = words.at(-1);
  if (last !== undefined && prefix !== undefined) last.to = characters.length;
  return words.map((word) => ({ unit: toUnit(word, characters), from: word.from, to: word.to }));
}

/** For each character whether only signs are between it and the last letter before it. */
function touching(texts: readonly string[]): boolean[] {
  let touches = false;
  return texts.map((text) => {
    const before = touches;
    if (BASE.test(text)) touches = true;
    else if (BLANK.test(text)) touches = false;
    return before;
  });
}

/** Whether the character at i joins the letters around it. */
function joins(characters: readonly TimedUnit[], i: number): boolean {
  const next = characters[i + 1]?.text ?? "";
  return LETTER.test(next) && !ALONE.test(next);
}

function toUnit({ from, to, letters }: Draft, characters: readonly TimedUnit[]): TimedUnit {
  const marks = characters.slice(from, to).filter(({ text }) => !BLANK.test(text));
  const text = marks.map((character) => character.text).join("");
  const start = letters[0]?.start ?? 0;
  const end = letters.at(-1)?.end ?? start;
  const source = letters.find((letter) => letter.source !== "interpolated")?.source ?? "interpolated";
  const score = mean(letters.map((letter) => letter.score));
  const probability = mean(letters.map((letter) => letter.probability));
  return {
    text,
    start,
    end,
    source,
    ...(score === undefined ? {} : { score }),
    ...(probability === undefined ? {} : { probability }),
  };
}

/** The mean of the known values. */
function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b) / known.length;
}
