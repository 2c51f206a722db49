/**
 * The two written forms of a hotword list: a file with a word on each line and `#` comments, or one line with separators.
 */

/** The words of a `hot.txt`. A `#` starts a comment at the beginning of a line or after a space ("C#" is a word). */
export function parseHotwords(text: string): string[] {
  const lines = text.replace(/^\ufeff/u, "").split(/\r\n|\r|\n/u);
  return distinct(lines.map((line) => line.replace(/(?:^|\s)#.*$/u, "")));
}

/** The words of "one, two；three": commas and semicolons of both widths, 、, tabs and line ends are separators. */
export function splitHotwords(list: string): string[] {
  return distinct(list.split(/[,;，；、\t\r\n]/u));
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words.map((word) => word.trim()).filter((word) => word !== ""))];
}
