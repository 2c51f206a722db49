/**
 * Possible readings of a written number, for aligning "2026" with the sounds of 二零二六: digit by digit and as a
 * quantity, in Chinese and in English. The audio decides between them.
 */

const DIGITS_ZH = "零一二三四五六七八九";
const DIGITS_EN = "zero one two three four five six seven eight nine".split(" ");
const TEENS_EN = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const TENS_EN = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** Longer numbers are read digit by digit. */
const MOST_DIGITS = 12;

/** The readings of a run of digits, without repetition. The digits themselves are the first. */
export function numberReadings(digits: string): string[] {
  const readings = [digits, digitsZh(digits)];
  if (digits.length <= MOST_DIGITS && /^\d+$/u.test(digits)) {
    const value = Number(digits);
    const quantity = quantityZh(value);
    readings.push(quantity, quantity.replace(/^二(?=[百千万亿])/u, "两"), quantityEn(value));
    if (digits.length === 4) readings.push(yearEn(value));
  }
  readings.push(Array.from(digits, (digit) => DIGITS_EN[Number(digit)]).join(" "));
  return [...new Set(readings)];
}

function digitsZh(digits: string): string {
  return Array.from(digits, (digit) => DIGITS_ZH.charAt(Number(digit))).join("");
}

/** 1004 is 一千零四, 15 is 十五, 20300 is 二万零三百. */
function quantityZh(value: number): string {
  if (value === 0) return "零";
  const groups = ["", "万", "亿"];
  let text = "";
  let rest = value;
  for (const unit of groups) {
    const group = rest % 10_000;
    rest = Math.floor(rest / 10_000);
    if (group > 0) text = `${rest > 0 && group < 1000 ? "零" : ""}${groupZh(group)}${unit}${text}`;
    else if (text !== "" && !text.startsWith("零")) text = `零${text}`;
    if (rest === 0) break;
  }
  return text.replace(/^一十/u, "十").replaceAll(/零+/gu, "零");
}

function groupZh(value: number): string {
  let text = "";
  for (const [unit, name] of [
    [1000, "千"],
    [100, "百"],
    [10, "十"],
    [1, ""],
  ] as const) {
    const digit = Math.floor(value / unit) % 10;
    if (digit > 0) text += DIGITS_ZH.charAt(digit) + name;
    else if (text !== "" && value % unit > 0 && !text.endsWith("零")) text += "零";
  }
  return text;
}

function quantityEn(value: number): string {
  if (value === 0) return "zero";
  const words: string[] = [];
  let rest = value;
  for (const [unit, name] of [
    [1e9, "billion"],
    [1e6, "million"],
    [1000, "thousand"],
    [1, ""],
  ] as const) {
    const group = Math.floor(rest / unit);
    rest %= unit;
    if (group > 0) words.push(...(group >= 1000 ? quantityEn(group).split(" ") : hundredsEn(group)), name);
  }
  return words.filter((word) => word !== "").join(" ");
}

function hundredsEn(value: number): string[] {
  const [hundreds, rest] = [Math.floor(value / 100), value % 100];
  const words = hundreds > 0 ? [DIGITS_EN[hundreds] as string, "hundred"] : [];
  if (rest >= 20) words.push(TENS_EN[Math.floor(rest / 10)] as string);
  else if (rest >= 10) words.push(TEENS_EN[rest - 10] as string);
  const ones = rest >= 10 && rest < 20 ? 0 : rest % 10;
  if (ones > 0) words.push(DIGITS_EN[ones] as string);
  return words;
}

/** 2026 is twenty twenty six. */
function yearEn(value: number): string {
  return [...hundredsEn(Math.floor(value / 100)), ...hundredsEn(value % 100)].join(" ");
}
