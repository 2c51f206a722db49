/**
 * The two written forms of a hotword list: a file with a word on each line and `#` comments, or one line with separators.
 */

/**
 * The words of a `hot.txt`. A `#` starts a comment at the beginning of a line or after a space ("C#" is a word). Weights
 * are left out, since the search has none: a number behind a tab, `:2.0` as sherpa-onnx writes it, or, as in FunASR's
 * files, a whole number behind a space if every line has one (otherwise "iPhone 15" is a word).
 */
export function parseHotwords(text: string): string[] {
  const lines = text.replace(/^\ufeff/u, "").split(/\r\n|\r|\n/u);
  const words = lines
    .map((line) => line.replace(/(?:^|\s)#.*$/u, "").trim())
    .filter((line) => line !== "")
    .map((line) => line.replace(MARKED_WEIGHT, ""));
  const weighted = words.every((word) => WEIGHT.test(word));
  return distinct(weighted ? words.map((word) => word.replace(WEIGHT, "")) : words);
}

const MARKED_WEIGHT = /(?: *\t\s*-?\d+(?:\.\d+)?|\s+:-?\d+(?:\.\d+)?)$/u;
const WEIGHT = /(?<=\S) +-?\d+$/u;

/** The words of "one, two；three": commas and semicolons of both widths, 、, tabs and line ends are separators. */
export function splitHotwords(list: string): string[] {
  return distinct(list.split(/[,;，；、\t\r\n]/u));
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words.map((word) => word.trim()).filter((word) => word !== ""))];
}
