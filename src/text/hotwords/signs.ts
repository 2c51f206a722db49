/**
 * Signs at the edge of a word that are spoken: the ++ of "C++", the - of "-5", the $ of "$5". Without them such a word
 * would sound like what is left of it ("A+" like "a"). Signs within a word ("Wi-Fi", "AT&T") have no sound.
 */
import { numberReadings } from "../timestamps/number-readings.ts";

const LETTER = String.raw`(?!\p{Script=Han})[\p{L}\p{N}]`;
const BEFORE = String.raw`[-+−#$€£¥@&*]`;
/**
 * A run of signs is tried from its first one, from its second one behind a letter, and from its last one, behind what the
 * trailing signs of the word before took: from every sign, a long run that no letter follows would take quadratic time.
 */
const LEADING =
  String.raw`(?<!${LETTER})(?:(?:(?<!${BEFORE})|(?<=${LETTER}${BEFORE}))${BEFORE}+|${BEFORE}(?!${BEFORE})|\.(?=\p{L}))` +
  String.raw`(?=${LETTER})`;
const TRAILING = String.raw`(?<=${LETTER})[-+−#$€£¥%°*]+(?!${LETTER})`;

/** A pattern for toPhonemes. */
export const EDGE_SIGNS = `${LEADING}|${TRAILING}`;
const edges = new RegExp(EDGE_SIGNS, "gu");
const leading = new RegExp(LEADING, "gu");
const trailing = new RegExp(TRAILING, "gu");

export const hasEdgeSigns = (word: string): boolean => word.search(edges) >= 0;

interface Names {
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  readonly percent: string;
  readonly money: Readonly<Record<string, string>>;
}

const english = {
  before: {
    "+": "plus",
    "-": "minus",
    "−": "minus",
    "#": "number",
    "@": "at",
    "&": "and",
    "*": "star",
    ".": "dot",
  },
  after: {
    "+": "plus",
    "-": "minus",
    "−": "minus",
    "#": "sharp",
    "°": "degrees",
    "*": "star",
    "%": "percent",
  },
  percent: "$1 percent",
  money: { $: "dollars", "€": "euros", "£": "pounds", "¥": "yuan" },
} satisfies Names;
const chinese = {
  before: { "+": "加", "-": "负", "−": "负", "#": "井", "@": "艾特", "&": "和", "*": "星", ".": "点" },
  after: { "+": "加", "-": "减", "−": "减", "#": "井", "°": "度", "*": "星", "%": "百分" },
  percent: "百分之$1",
  money: { $: "美元", "€": "欧元", "£": "英镑", "¥": "元" },
} satisfies Names;

/** What may be said for a word with signs at its edges, in English and in Chinese; empty for other words. */
export function spokenForms(word: string): string[] {
  if (!hasEdgeSigns(word)) return [];
  return [
    ...spelled(named(word, english), (reading) => /^[a-z]/u.test(reading)),
    ...spelled(named(word, chinese), (reading) => /^\p{Script=Han}/u.test(reading)),
  ];
}

function named(word: string, { before, after, percent, money }: Names): string {
  const coins = { ...before, ...money };
  return word
    .replaceAll(/(\d[\d.,]*)%/gu, percent)
    .replaceAll(
      /([$€£¥])(\d[\d.,]*)/gu,
      (_, sign: string, amount: string) => `${amount} ${money[sign] ?? ""}`,
    )
    .replaceAll(leading, (signs) => names(signs, coins))
    .replaceAll(trailing, (signs) => names(signs, { ...after, ...money }));
}

const names = (signs: string, table: Readonly<Record<string, string>>): string =>
  ` ${Array.from(signs, (sign) => table[sign] ?? "").join(" ")} `;

/** With digits, and with the numbers as words of one language. */
function spelled(text: string, fits: (reading: string) => boolean): string[] {
  const inWords = text.replaceAll(/\d+/gu, (digits) => {
    const readings = numberReadings(digits).filter(fits);
    return (/^[a-z]/u.test(readings[0] ?? "") ? readings[0] : (readings[1] ?? readings[0])) ?? digits;
  });
  return inWords === text ? [text] : [text, inWords];
}
