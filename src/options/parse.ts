/** Values of options, from their texts. What is refused throws `bad_option`; `name` is the option's, for the message. */
import { UsageError } from "../errors.ts";
import { suggestion } from "./nearest.ts";
import { accepts, wanted } from "./rules.ts";
import type { NumberRule, ValueRule } from "./rules.ts";

/** A parser for one value of a rule. */
export function parserOf(rule: ValueRule): (text: string, name: string) => unknown {
  if (rule.kind === "number") return (text, name) => number(text, rule, name);
  if (rule.kind === "choice") {
    return (text, name) =>
      rule.values.includes(text) ? text : refuse(name, text, wanted(rule), suggestion(text, rule.values));
  }
  if (rule.kind !== "numbers") return (text) => text;
  return (text, name) => {
    const values = text.split(",").map((part) => number(part, rule.each, name));
    return values.length <= rule.most ? values : refuse(name, text, wanted(rule));
  };
}

function number(text: string, rule: NumberRule, name: string): number | string {
  if (rule.or !== undefined && text === rule.or) return text;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return accepts(rule, value) ? value : refuse(name, text, wanted(rule));
}

/** Throws `bad_option` with the beginning of the text. */
export function refuse(
  name: string,
  text: string,
  right: string,
  hint: { readonly remedy?: string } = {},
): never {
  throw new UsageError("bad_option", name, JSON.stringify(text.slice(0, 80)), { wanted: right, ...hint });
}
