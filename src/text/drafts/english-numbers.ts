/** English numbers of a draft, word by word, as the digits that a text has with inverse text normalization. */

const SMALL =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " +
  "eighteen nineteen";
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety";
const VALUES = new Map([
  ...SMALL.split(" ").map((word, i) => [word, i] as const),
  ...TENS.split(" ").map((word, i) => [word, 20 + 10 * i] as const),
]);
const FACTORS = new Map([
  ["hundred", 100],
  ["thousand", 1000],
]);

export function withEnglishDigits(text: string): string {
  const words = text.split(" ");
  const out: string[] = [];
  for (let i = 0; i < words.length;) {
    const { digits, end } = numberAt(words, i);
    if (end === i) {
      out.push(words[i]!);
      i++;
    } else if (words[end] === "percent") {
      out.push(`${digits}%`);
      i = end + 1;
    } else if (words[end] === "dollars") {
      out.push(`$${digits}`);
      i = end + 1;
    } else {
      out.push(digits);
      i = end;
    }
  }
  return out.join(" ").replaceAll(/\b([ap]) m\b/gu, "$1m");
}

/** The number that begins with a word, and the index after it. Parts that do not add up, as those of a year, stand side by side. */
function numberAt(
  words: readonly string[],
  start: number,
): { readonly digits: string; readonly end: number } {
  let before = "";
  let total = 0;
  let part: number | undefined;
  let end = start;
  for (; end < words.length; end++) {
    const word = words[end]!;
    const value = VALUES.get(word);
    const factor = FACTORS.get(word);
    if (value !== undefined) {
      if (part === undefined) part = value;
      else if (isAddedTo(part, value)) part += value;
      else {
        before += String(total + part);
        total = 0;
        part = value;
      }
    } else if (factor !== undefined && part !== undefined) {
      part *= factor;
      if (factor === 1000) {
        total += part;
        part = 0;
      }
    } else break;
  }
  return { digits: before + (part === undefined ? "" : String(total + part)), end };
}

function isAddedTo(part: number, value: number): boolean {
  if (part % 100 === 0) return value > 0;
  return part % 10 === 0 && part % 100 >= 20 && value > 0 && value < 10;
}
