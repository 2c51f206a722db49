/** Values of flags that are texts of several parts. */
import { InvalidArgumentError } from "commander";
import { nearest } from "../../options/nearest.ts";
import { accepts, wanted } from "../../options/rules.ts";
import type { NumberRule, ValueRule } from "../../options/rules.ts";

/** A parser for one value of a rule. */
export function parserOf(rule: ValueRule): (text: string) => unknown {
  if (rule.kind === "number") return (text) => number(text, rule);
  if (rule.kind === "choice") return (text) => choice(text, rule.values);
  if (rule.kind !== "numbers") return (text) => text;
  return (text) => {
    const values = text.split(",").map((part) => number(part, rule.each));
    if (values.length > rule.most) throw new InvalidArgumentError(`wanted at most ${rule.most} numbers.`);
    return values;
  };
}

function number(text: string, rule: NumberRule): number | string {
  if (rule.or !== undefined && text === rule.or) return text;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!accepts(rule, value)) throw new InvalidArgumentError(`wanted ${wanted(rule)}.`);
  return value;
}

function choice(text: string, values: readonly string[]): string {
  if (values.includes(text)) return text;
  const near = nearest(text, values);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new InvalidArgumentError(`wanted ${values.join(", ")}.${hint}`);
}

/** Words separated by commas. */
export function words(text: string): string[] {
  return text
    .split(/[,，]/u)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** `3-7` and `3`: the half-open range [from, to) that ends after the last number. */
export function range(text: string): readonly [number, number] {
  const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/u.exec(text) ?? [];
  if (from === undefined || Number(from) > Number(to))
    throw new InvalidArgumentError("wanted a number, or FROM-TO.");
  return [Number(from), Number(to) + 1];
}

/** `0,3`: whole numbers separated by commas; or the word `each`. */
export function indicesOrEach(text: string): readonly number[] | "each" {
  if (text === "each") return text;
  return words(text).map((word) => {
    if (/^\d{1,9}$/u.test(word)) return Number(word);
    throw new InvalidArgumentError("wanted numbers separated by commas, or each.");
  });
}
