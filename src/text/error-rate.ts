/**
 * Error rates: edit distance over the length of the reference. Text is normalized first (NFC, lower case, punctuation
 * removed, spaces collapsed); a text with Chinese, Japanese or Korean in it is counted in characters without spaces
 * (CER), any other in words (WER).
 */

/** Letters, digits, apostrophes, `%` and `$`, with single spaces between. */
export function normalize(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{White_Space}'%$]/gu, " ")
    .replaceAll(/\p{White_Space}+/gu, " ")
    .trim();
}

const CLOSE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** The characters or words of a text, depending on the script of `like`. */
export function countedUnits(text: string, like = text): string[] {
  const clean = normalize(text);
  if (CLOSE.test(like)) return Array.from(clean.replaceAll(" ", ""));
  return clean === "" ? [] : clean.split(" ");
}
