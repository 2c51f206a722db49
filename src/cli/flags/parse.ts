/** Values of flags, from their texts. What is refused throws `bad_option`; `flag` is its name, for the message. */
import { UsageError } from "../../errors.ts";
import { suggestion } from "../../options/nearest.ts";
import { accepts, wanted } from "../../options/rules.ts";
import type { NumberRule, ValueRule } from "../../options/rules.ts";

/** A parser for one value of a rule. */
export function parserOf(rule: ValueRule): (text: string, flag: string) => unknown {
  if (rule.kind === "number") return (text, flag) => number(text, rule, flag);
  if (rule.kind === "choice") {
    return (text, flag) =>
      rule.values.includes(text) ? text : refuse(flag, text, wanted(rule), suggestion(text, rule.values));
  }
  if (rule.kind !== "numbers") return (text) => text;
  return (text, flag) => {
    const values = text.split(",").map((part) => number(part, rule.each, flag));
    return values.length <= rule.most ? values : refuse(flag, text, wanted(rule));
  };
}

function number(text: string, rule: NumberRule, flag: string): number | string {
  if (rule.or !== undefined && text === rule.or) return text;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return accepts(rule, value) ? value : refuse(flag, text, wanted(rule));
}

function refuse(flag: string, text: string, right: string, hint: { readonly remedy?: string } = {}): never {
  throw new UsageError("bad_option", flag, JSON.stringify(text), { wanted: right, ...hint });
}

/** Words separated by commas. */
export function words(text: string): string[] {
  return text
    .split(/[,，]/u)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** `3-7` and `3`: the half-open range [from, to) that ends after the last number. */
export function range(text: string, flag: string): readonly [number, number] {
  const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/u.exec(text) ?? [];
  if (from === undefined || Number(from) > Number(to)) refuse(flag, text, "a number, or FROM-TO");
  return [Number(from), Number(to) + 1];
}

/** `0,3`: whole numbers separated by commas; or the word `each`. */
export function indicesOrEach(text: string, flag: string): readonly number[] | "each" {
  if (text === "each") return text;
  return words(text).map((word) => {
    if (/^\d{1,9}$/u.test(word)) return Number(word);
    return refuse(flag, text, "numbers separated by commas, or each");
  });
}
