/**
 * What FunASR's `inference_llm` does to the decoded answer. The model writes punctuation and numbers by itself,
 * so little is left: the silence mark goes, and blanks collapse.
 */

/** Python's `\s`: Unicode's White_Space and the four separators of ASCII. */
// oxlint-disable-next-line no-control-regex
const BLANKS = /[\p{White_Space}\u001c-\u001f]+/gu;
/** Everything but Python's `\w`, blanks and CJK (whose ideographs are `\w` as well). */
// oxlint-disable-next-line no-control-regex
const SIGNS = /[^\p{L}\p{N}_\p{White_Space}\u001c-\u001f]+/gu;

/** `text`: "/sil" marks silence and becomes a space; runs of blanks become one. Not trimmed, as upstream. */
export function cleanText(answer: string): string {
  return answer.replaceAll("/sil", " ").replaceAll(BLANKS, " ");
}

/** `text_tn`: letters, numbers and blanks only, for scoring. Taken from the answer itself, as upstream. */
export function scoringText(answer: string): string {
  return answer.replaceAll(SIGNS, "");
}
