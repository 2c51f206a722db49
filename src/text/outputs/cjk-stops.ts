/** Punctuation as Chinese and Japanese subtitles have it: no comma or full stop ends a line, and a space stands for one inside. */

/** Before a closing bracket or quote, too, nothing stands for them. */
const DROPPED = /。(?=[\p{Pe}\p{Pf}"'])|[，、；：](?=[\p{Pe}\p{Pf}])|[，。、；：](?=[\p{Pe}\p{Pf}"']*$)/gu;
const INSIDE = /[，。]\s*/gu;
const TOUTEN = /、\s*/gu;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;

export function withoutCjkStops(line: string): string {
  const spaced = line.replaceAll(DROPPED, "").replaceAll(INSIDE, " ");
  return (KANA.test(spaced) ? spaced.replaceAll(TOUTEN, " ") : spaced).trim();
}
