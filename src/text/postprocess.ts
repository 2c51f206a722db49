/**
 * The postprocessing of FunASR's `inference_llm`. The model writes punctuation and numbers itself, so little is left:
 * the silence mark is removed, and spaces are collapsed.
 */

/** Python's `\s`: Unicode's White_Space and the four separators of ASCII. */
// oxlint-disable-next-line no-control-regex
const BLANKS = /[\p{White_Space}\u001c-\u001f]+/gu;
/** `text`: "/sil" marks silence and becomes a space; runs of spaces become one. Not trimmed, as upstream. */
export function cleanText(answer: string): string {
  return answer.replaceAll("/sil", " ").replaceAll(BLANKS, " ");
}
