/** The width of a text on a screen, in columns: two for a wide character, none for a mark or a joiner (after UAX #11). */

const WIDE =
  /(?![\uff61-\uffdc])[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/gu;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/gu;
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u;
/** Text of one column for each code unit, as most Latin words are. */
const PLAIN = /^[ -~\u00a1-\u00ac\u00ae-\u024f\u2018-\u201f]*$/u;

export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  return Array.from(text).length + count(WIDE) - count(NO_WIDTH);
}

/** Whether it has a letter of Chinese, Japanese or Korean. */
export function isCjk(text: string): boolean {
  return CJK.test(text);
}
