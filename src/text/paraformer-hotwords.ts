/**
 * Hotwords as Paraformer's tokens. FunASR's SeacoParaformer.generate_hotwords_list, of a file with a word on each line:
 * what spaces separate is looked up in the model's `seg_dict`, in lower case; what it does not have is taken apart into
 * characters where it is Chinese or digits, and is `<unk>` elsewhere. Where a model comes without the file, its vocabulary
 * takes the file's place. Not followed: the original offers words that are nothing but `<unk>`, too, which the model can
 * write for speech that it would have recognized.
 */
import { UsageError } from "../errors.ts";
import type { ParaformerTokens } from "./paraformer-tokens.ts";

/** Tokens of a word: a word has at most as many characters. */
const MOST_TOKENS = 300;

const characters = /^[\u4E00-\u9FA50-9]+$/u;

/**
 * The tokens of each word; none of a word that the model knows no token of. `segDict` is the file's text: lines of a word and
 * its tokens. Throws `bad_option` for a word of too many tokens.
 */
export function tokenizeHotwords(
  words: readonly string[],
  tokens: ParaformerTokens,
  segDict: string | undefined,
): (readonly number[])[] {
  const partsOf = (word: string): readonly string[] => wordsOf(word.toLowerCase());
  const known =
    segDict === undefined
      ? undefined
      : segmentations(segDict, new Set(words.flatMap(partsOf).flatMap(withCharacters)));
  const lookUp = (text: string): readonly string[] | undefined => {
    if (known !== undefined) return known.get(text);
    return tokens.id(text) === undefined ? undefined : [text];
  };
  const unknown = ["<unk>"];
  const split = (part: string): readonly string[] => {
    const whole = lookUp(part);
    if (whole !== undefined) return whole;
    if (!characters.test(part)) return unknown;
    if (part.length > MOST_TOKENS) throw tooLong(part, part.length); // each character is a token or more
    return Array.from(part).flatMap((character) => lookUp(character) ?? unknown);
  };
  const idsOf = (word: string): readonly number[] => {
    const ids: number[] = [];
    for (const part of partsOf(word)) {
      for (const token of split(part)) ids.push(tokens.id(token) ?? tokens.unknownId);
      if (ids.length > MOST_TOKENS) throw tooLong(word, ids.length);
    }
    return ids.some((id) => id !== tokens.unknownId) ? ids : [];
  };
  const ids = new Map([...new Set(words)].map((word) => [word, idsOf(word)]));
  return words.map((word) => ids.get(word)!);
}

const wordsOf = (text: string): readonly string[] => text.match(/\S+/gu) ?? [];

const withCharacters = (part: string): string[] => [part, ...Array.from(part)];

/** The tokens of the wanted words, and one too many where there are too many; of a word that the file has twice, the last. */
function segmentations(segDict: string, wanted: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [, word = "", tokens = ""] of segDict.matchAll(/(?:^|\n)[^\S\n]*(\S+)([^\n]*)/gu))
    if (wanted.has(word)) found.set(word, wordsOf(tokens).slice(0, MOST_TOKENS + 1));
  return found;
}

function tooLong(word: string, count: number): UsageError {
  return new UsageError("bad_option", "hotwords", `${JSON.stringify(word.slice(0, 40))}, ${count} tokens`, {
    wanted: `words of at most ${MOST_TOKENS} tokens`,
  });
}
