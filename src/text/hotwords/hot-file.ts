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
    .map((line) => withoutComment(line).trim())
    .filter((line) => line !== "")
    .map(withoutMarkedWeight);
  const weighted = words.every((word) => WEIGHT.test(word));
  return distinct(weighted ? words.map((word) => word.replace(WEIGHT, "")) : words);
}

const WEIGHT = /(?<=\S) +-?\d+$/u;

function withoutComment(line: string): string {
  const at = line.search(/(?:^|\s)#/u);
  return at < 0 ? line : line.slice(0, at);
}

/** Without a number behind a tab, or behind a colon that follows a space. */
function withoutMarkedWeight(line: string): string {
  let at = line.length;
  while (at > 0 && /[\d.]/u.test(line.charAt(at - 1))) at--;
  if (line.charAt(at - 1) === "-") at--;
  if (!/^-?\d+(?:\.\d+)?$/u.test(line.slice(at))) return line;
  const before = line.slice(0, at);
  if (before.endsWith(":")) return /\s:$/u.test(before.slice(-2)) ? before.slice(0, -1).trimEnd() : line;
  const word = before.trimEnd();
  return before.includes("\t", word.length) ? word : line;
}

/** The words of "one, two；three": commas and semicolons of both widths, 、, tabs and line ends are separators. */
export function splitHotwords(list: string): string[] {
  return distinct(list.split(/[,;，；、\t\r\n]/u));
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words.map((word) => word.trim()).filter((word) => word !== ""))];
}
