/**
 * Text as a sequence of phonemes, so that words can be found by their sound (after Fun-ASR-GGUF's phoneme search).
 * A Chinese character is an initial, a final and a tone (`pinyin-pro`, whole runs at once so that the readings of
 * 行 or 长 follow their neighbors, no tone sandhi); in other text each letter or digit is one phoneme, and each
 * sign at the edge of a word. Words of letters can also be read as English. A word is a character, or a run of
 * letters or digits cut at camel case and at the border of letters and digits.
 */
import { englishSounds } from "./english-sounds.ts";
import { checkText } from "./limits.ts";
import { pinyin } from "./pinyin.ts";
import { EDGE_SIGNS } from "./signs.ts";

type PhonemeKind = "zh" | "letter" | "sound" | "digit" | "sign";

export interface Phoneme {
  readonly kind: PhonemeKind;
  readonly value: string;
  readonly isTone: boolean;
  readonly startsWord: boolean;
  readonly endsWord: boolean;
  /** The characters of this phoneme: [start, end) of the string. */
  readonly start: number;
  readonly end: number;
}

const NEUTRAL_TONE = "5";
const LETTERS = String.raw`\p{Lu}*(?:(?![\p{Lu}\p{Script=Han}])\p{L})+|\p{Lu}+`;
const RUNS = new RegExp(
  String.raw`(?<zh>\p{Script=Han}+)|(?<digit>\d+)|(?<sign>${EDGE_SIGNS})|${LETTERS}`,
  "gu",
);

/** A word that is read as English, not spelled. */
const READABLE = /^[A-Za-z]?[a-z]+$/u;

/** `words`: whether words of letters are spelled, or read as English. Capitals without small letters are always spelled. Throws `bad_option` for a long text. */
export function toPhonemes(text: string, words: "spelled" | "read" = "spelled"): Phoneme[] {
  return Array.from(checkText(text).matchAll(RUNS), ({ 0: run, index, groups }) => {
    if (groups?.["zh"] !== undefined) return readChinese(run, index);
    if (groups?.["sign"] !== undefined)
      return Array.from(run).flatMap((sign, i) => spell(sign, index + i, "sign"));
    if (groups?.["digit"] !== undefined) return spell(run, index, "digit");
    if (words === "read" && READABLE.test(run)) return readEnglish(run, index);
    return spell(run, index, "letter");
  }).flat();
}

/** A Chinese name whose first `length` characters are the surname, in the reading that they have as one. */
export function readName(name: string, length: number): Phoneme[] {
  return [...readChinese(name.slice(0, length), 0, "head"), ...readChinese(name.slice(length), length)];
}

function readChinese(run: string, offset: number, surname: "off" | "head" = "off"): Phoneme[] {
  const syllables = pinyin(run, { type: "all", toneType: "none", toneSandhi: false, surname });
  let at = offset;
  return syllables.flatMap(({ origin, initial, final, num, isZh }) => {
    const [start, end] = [at, (at += origin.length)];
    // A character without a known reading matches only itself.
    const sounds = isZh ? [initial, final].filter((sound) => sound !== "") : [origin];
    const tone = num === 0 ? NEUTRAL_TONE : String(num);
    return [...sounds, tone].map((value, i, all) => ({
      kind: "zh" as const,
      value,
      isTone: i === all.length - 1,
      startsWord: i === 0,
      endsWord: i === all.length - 1,
      start,
      end,
    }));
  });
}

/** All sounds of a word have the word's place. */
function readEnglish(word: string, start: number): Phoneme[] {
  return englishSounds(word.toLowerCase()).map((value, i, all) => ({
    kind: "sound",
    value,
    isTone: false,
    startsWord: i === 0,
    endsWord: i === all.length - 1,
    start,
    end: start + word.length,
  }));
}

function spell(run: string, offset: number, kind: PhonemeKind): Phoneme[] {
  let at = offset;
  return Array.from(run, (character) => {
    const [start, end] = [at, (at += character.length)];
    return {
      kind,
      value: character.toLowerCase(),
      isTone: false,
      startsWord: start === offset,
      endsWord: end === offset + run.length,
      start,
      end,
    };
  });
}
