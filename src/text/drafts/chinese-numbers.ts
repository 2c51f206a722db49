/** Chinese numerals of a draft as the digits that a text has with inverse text normalization. */

const DIGITS = new Map(Array.from("零一二三四五六七八九", (numeral, digit) => [numeral, digit]));
DIGITS.set("〇", 0).set("两", 2);
const UNITS = new Map([
  ["十", 10],
  ["百", 100],
  ["千", 1000],
  ["万", 10_000],
]);
/** A single numeral stays, as in 一些 and 一起, but before what is counted or dated. */
const NUMBER =
  /[〇零一二三四五六七八九十百千万两]{2,}|[一二三四五六七八九十两](?=[年月日号点期度岁块元斤])/gu;

export function withChineseDigits(text: string): string {
  return text.replaceAll(NUMBER, (numerals) => valueOf(Array.from(numerals)));
}

/** 一百二十 is 120; digits without units, as those of a year, stay side by side. */
function valueOf(numerals: readonly string[]): string {
  if (!numerals.some((numeral) => UNITS.has(numeral)))
    return numerals.map((numeral) => DIGITS.get(numeral)).join("");
  let total = 0;
  let section = 0;
  let digit = 0;
  for (const numeral of numerals) {
    const unit = UNITS.get(numeral);
    if (unit === undefined) {
      digit = DIGITS.get(numeral)!;
      continue;
    }
    if (unit < 10_000) section += (digit || 1) * unit;
    else {
      total += (section + digit) * unit;
      section = 0;
    }
    digit = 0;
  }
  return String(total + section + digit);
}
