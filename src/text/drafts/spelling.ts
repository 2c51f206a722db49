/** Case and spaces of a draft, which has neither capitals nor punctuation, for the place in a text where it goes on. */
import type { QwenTokenizer } from "../qwen-tokenizer.ts";

const WORD = /(?<= |^)\p{Ll}[\p{Ll}']*/gu;

/**
 * The draft with the capitals of names: a word has that form whose token the vocabulary made first, for it is the commonest.
 * A rare word, which is several tokens, has the form with fewer.
 */
export function withNames(draft: string, tokenizer: QwenTokenizer): string {
  const known = new Map<string, string>();
  return draft.replaceAll(WORD, (word) => {
    const form = known.get(word) ?? commonest(word, tokenizer);
    known.set(word, form);
    return form;
  });
}

function commonest(word: string, tokenizer: QwenTokenizer): string {
  if (word === "i" || word.startsWith("i'")) return capitalized(word);
  const ids = (form: string): number[] => tokenizer.encode(` ${form}`, { specials: false });
  const form = capitalized(word);
  const [lower, upper] = [ids(word), ids(form)];
  if (lower.length !== upper.length) return lower.length < upper.length ? word : form;
  return lower.length > 1 || lower[0]! < upper[0]! ? word : form;
}

/** The rest of a draft with spaces, behind the last character of the text. */
export function afterMark(rest: string, last: string | undefined): string {
  if (last === undefined) return capitalized(rest.trimStart());
  if (/[.?!]/u.test(last)) return ` ${capitalized(rest.trimStart())}`;
  return /[,;:]/u.test(last) && !rest.startsWith(" ") ? ` ${rest}` : rest;
}

/** The text with its first letter in upper case. */
function capitalized(text: string): string {
  const [first = ""] = text;
  return first.toUpperCase() + text.slice(first.length);
}
