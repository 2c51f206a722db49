/** All readings of a hotword: as a text is read, with its signs spoken, and with the surname of a name read as one. */
import { checkWord } from "./limits.ts";
import { readName, toPhonemes } from "./phonemes.ts";
import type { Phoneme } from "./phonemes.ts";
import { spokenForms } from "./signs.ts";

/** Surnames with a reading of their own: 单 is Shàn, but dān elsewhere. */
const SURNAMES =
  "尉迟 万俟 单 解 查 仇 区 曾 任 盖 乐 朴 翟 宁 燕 应 曲 牟 那 纪 缪 折 员 召 过 哈 繁 都".split(" ");
/** The longest name: two characters each for the surname and the given name. */
const NAME = /^\p{Script=Han}{2,4}$/u;

/** The first is that of a text; words without a sound have none. Throws `bad_option` for a word that is too long. */
export function readingsOf(word: string): Phoneme[][] {
  checkWord(word);
  const written = toPhonemes(word);
  if (written.length === 0) return [];
  const surname = surnameOf(word);
  const others = [
    ...spokenForms(word).map((form) => toPhonemes(form)),
    ...(surname === undefined ? [] : [readName(word, surname.length)]),
  ];
  return [written, ...others];
}

/** Undefined where the word is no name: 单位, 解放军 and 乐清 have the readings of their dictionary words. */
function surnameOf(word: string): string | undefined {
  if (!NAME.test(word)) return undefined;
  const surname = SURNAMES.find((name) => word.startsWith(name) && word.length > name.length);
  return surname?.length === 1 && isOneWord(Array.from(word).slice(0, 2).join("")) ? undefined : surname;
}

function isOneWord(pair: string): boolean {
  const { Segmenter } = Intl as { readonly Segmenter?: typeof Intl.Segmenter };
  if (Segmenter === undefined) return false;
  segmenter ??= new Segmenter("zh", { granularity: "word" });
  return Array.from(segmenter.segment(pair)).length === 1;
}

let segmenter: Intl.Segmenter | undefined;
