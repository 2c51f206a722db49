/** Texts of one shape and any size: what makes a reader that looks ahead, looks back or nests do quadratic work. */

/** Repeats a unit up to the size in bytes of UTF-8. */
const of =
  (unit: string) =>
  (size: number): string =>
    unit.repeat(Math.floor(size / Buffer.byteLength(unit)));

/** Repeats units that a number makes different. */
const numbered =
  (unit: (number: number) => string) =>
  (size: number): string => {
    const parts: string[] = [];
    for (let i = 0, length = 0; length < size; i++) {
      const part = unit(i);
      parts.push(part);
      length += Buffer.byteLength(part);
    }
    return parts.join("");
  };

/** A text of the shape with about this number of bytes. */
export type Shape = (size: number) => string;

/** The eight that every text reader gets in the tests. */
export const eight = {
  spaces: of(" "),
  letters: of("a"),
  "opening brackets": of("["),
  "line separators": of("\u2028"),
  "short lines": of("a\n"),
  keys: numbered((i) => `k${i}: 1\n`),
  signs: of("+*"),
  "Chinese characters": of("中"),
} as const satisfies Readonly<Record<string, Shape>>;

/** All, for measurements. */
export const shapes: Readonly<Record<string, Shape>> = {
  ...eight,
  "line ends": of("\n"),
  "returns and line ends": of("\r\n"),
  returns: of("\r"),
  tabs: of("\t"),
  digits: of("1"),
  numbers: of("1 "),
  "different words": numbered((i) => `w${i} `),
  capitals: of("A"),
  "letters and spaces": of("a "),
  "letters and digits": of("a1"),
  "nested brackets": (size) => "[".repeat(size / 2) + "]".repeat(size / 2),
  braces: of("{"),
  "opening keys": of('{"a":'),
  "list items": of("- "),
  "list lines": of("- a\n"),
  quotes: of('"'),
  backslashes: of("\\"),
  stars: of("*"),
  "stars between letters": of("a*"),
  "deep folders": of("**/"),
  "question marks": of("?"),
  "angle brackets": of("<"),
  "opening tags": of("<|"),
  arrows: of("=>"),
  hashes: of(" #"),
  ampersands: of("&"),
  "anchors and aliases": numbered((i) => `- &a${i} [*a${Math.max(0, i - 1)}]\n`),
  commas: of(","),
  dots: of("."),
  slashes: of("/"),
  "formatting braces": of("{\\"),
  "combining marks": (size) => `a${of("\u0301")(size)}`,
  emoji: of("👍🏽"),
  "times of cues": of("00:01 -->\n"),
  "wide letters": of("ä"),
};
