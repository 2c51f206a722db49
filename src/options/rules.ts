/** What values an option takes, as data: for the check, the command line and the documentation. */

export interface NumberRule {
  readonly kind: "number";
  /** The smallest value, and the largest; without them there is no bound. */
  readonly least?: number;
  readonly most?: number;
  /** Whether `least` itself is excluded. */
  readonly above?: true;
  readonly whole?: true;
  readonly unit?: "seconds" | "milliseconds" | "Hz";
  /** A value that is no number. */
  readonly or?: string | false;
}

export type ValueRule =
  | NumberRule
  | { readonly kind: "numbers"; readonly each: NumberRule; readonly most: number }
  | { readonly kind: "boolean" }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "text" }
  | { readonly kind: "texts" }
  | { readonly kind: "function" }
  /** An object with its own options, or a word that turns it off. */
  | { readonly kind: "options"; readonly options: OptionTable; readonly or?: string }
  | OtherRule;

/** A value that is checked where it is used; `type` describes it. */
interface OtherRule {
  readonly kind: "other";
  readonly type: string;
  /** Methods that it must have. */
  readonly methods?: readonly string[];
  /** Whether it must be an array of objects. */
  readonly objects?: true;
}

/** One option: everything that its check, its flag and its documentation state. */
export interface Option {
  readonly value: ValueRule;
  /** What is used when the option is absent, as the documentation shows it. */
  readonly default?: string | number | boolean;
  /** One line of plain text. */
  readonly help: string;
}

export interface OptionTable {
  readonly [name: string]: Option;
}

/** The values that a rule accepts, as a type; `unknown` where the rule leaves the check to others. */
export type ValueOf<Rule extends ValueRule> = Rule extends { readonly kind: "number" }
  ? number | (Rule extends { readonly or: infer Word } ? Word : never)
  : Rule extends { readonly kind: "numbers" }
    ? readonly number[]
    : Rule extends { readonly kind: "boolean" }
      ? boolean
      : Rule extends { readonly kind: "choice"; readonly values: readonly (infer Value)[] }
        ? Value
        : Rule extends { readonly kind: "text" }
          ? string
          : Rule extends { readonly kind: "texts" }
            ? readonly string[]
            : unknown;

/** Whether the rule accepts the value. The options of an object are not looked at. */
export function accepts(rule: ValueRule, value: unknown): boolean {
  switch (rule.kind) {
    case "number":
      return acceptsNumber(rule, value);
    case "numbers":
      return (
        Array.isArray(value) &&
        value.length <= rule.most &&
        value.every((one) => acceptsNumber(rule.each, one))
      );
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return typeof value === "string" && rule.values.includes(value);
    case "text":
      return typeof value === "string";
    case "texts":
      return Array.isArray(value) && value.every((one) => typeof one === "string");
    case "function":
      return typeof value === "function";
    case "options":
      return value === rule.or || (typeof value === "object" && value !== null);
    default:
      return acceptsOther(rule, value);
  }
}

function acceptsOther({ methods = [], objects }: OtherRule, value: unknown): boolean {
  const isObject = (one: unknown): one is Readonly<Record<string, unknown>> =>
    typeof one === "object" && one !== null;
  if (objects === true) return Array.isArray(value) && value.every(isObject);
  return value !== null && methods.every((name) => isObject(value) && typeof value[name] === "function");
}

function acceptsNumber(rule: NumberRule, value: unknown): boolean {
  const { least = -Infinity, most = Infinity, above, whole, or } = rule;
  if (or !== undefined && value === or) return true;
  if (typeof value !== "number" || (whole === true && !Number.isInteger(value))) return false;
  return value <= most && (above === true ? value > least : value >= least);
}

/** What the rule accepts, as the end of an error message. */
export function wanted(rule: ValueRule): string {
  switch (rule.kind) {
    case "number":
      return numberText(rule);
    case "numbers":
      return `at most ${rule.most} numbers, each ${numberText(rule.each)}`;
    case "boolean":
      return "true or false";
    case "choice":
      return rule.values.join(", ");
    case "text":
      return "a string";
    case "texts":
      return "an array of strings";
    case "function":
      return "a function";
    case "options":
      return `an object${rule.or === undefined ? "" : `, or ${rule.or}`}`;
    default:
      return rule.type;
  }
}

function numberText(rule: NumberRule): string {
  const { whole, unit, or } = rule;
  const kind = `${whole === true ? "a whole number" : "a number"}${unit === undefined ? "" : ` of ${unit}`}`;
  const range = rangeText(rule);
  return `${kind}${range === "" ? "" : ` ${range}`}${or === undefined ? "" : `, or ${String(or)}`}`;
}

function rangeText({ least, most, above }: NumberRule): string {
  if (least === undefined) return most === undefined ? "" : `up to ${most}`;
  if (above === true) return `above ${least}${most === undefined ? "" : `, up to ${most}`}`;
  return `from ${least}${most === undefined ? "" : ` to ${most}`}`;
}

/** Unit and range of a rule, or its choices: short, for help texts and tables. Empty where the type is enough. */
export function valuesText(rule: ValueRule): string {
  switch (rule.kind) {
    case "number": {
      const { unit, or } = rule;
      const range = rangeText(rule)
        .replace(/^from (\S+) to/u, "$1 to")
        .replace(/^from (\S+)$/u, "$1 or more");
      return [unit, range, or]
        .filter((part) => part !== undefined && part !== "")
        .map(String)
        .join(", ");
    }
    case "numbers":
      return valuesText(rule.each);
    case "choice":
      return rule.values.join(", ");
    default:
      return "";
  }
}
