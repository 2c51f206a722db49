/** The check of a caller's options against a table: unknown names and wrong values throw `bad_option`. */
import { UsageError } from "../errors.ts";
import { suggestion } from "./nearest.ts";
import { accepts, wanted } from "./rules.ts";
import type { OptionTable } from "./rules.ts";

/** `prefix` is put before each name in an error: `chunk.` for the options of `chunk`. Absent options are undefined. */
export function checkOptions(options: object, table: OptionTable, prefix = ""): void {
  checkNames(options, table, prefix);
  checkValues(options, table, prefix);
}

/** The names of an interface of options, complete by its type: for functions that check the values where they use them. */
export type NamesOf<Options> = { readonly [Name in keyof Required<Options>]: true };

/** Throws `bad_option` for an option that is not among the keys of `known`, with the nearest name. */
export function checkNames(options: object, known: object, prefix = ""): void {
  checkObject(options, prefix);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw unknownOption(unknown, Object.keys(known), prefix);
}

/** Throws `bad_option` for what is no object. */
function checkObject(options: unknown, prefix: string): void {
  if (typeof options === "object" && options !== null) return;
  const name = prefix === "" ? "options" : prefix.slice(0, -1);
  throw new UsageError("bad_option", name, shown(options), { wanted: "an object" });
}

/** The same for the options of the table alone: `options` may have others. */
export function checkValues(options: object, table: OptionTable, prefix = ""): void {
  checkObject(options, prefix);
  const values = options as Readonly<Record<string, unknown>>;
  for (const [name, { value: rule }] of Object.entries(table)) {
    const value = values[name];
    if (value === undefined) continue;
    if (!accepts(rule, value)) {
      const near = rule.kind === "choice" && typeof value === "string" ? suggestion(value, rule.values) : {};
      throw new UsageError("bad_option", prefix + name, shown(value), { wanted: wanted(rule), ...near });
    }
    if (rule.kind === "options" && typeof value === "object")
      checkOptions(value as object, rule.options, `${prefix}${name}.`);
  }
}

function unknownOption(name: string, known: readonly string[], prefix: string): UsageError {
  const near = suggestion(name, known, prefix);
  const hint = near.remedy === undefined ? { wanted: known.join(", ") } : near;
  return new UsageError("bad_option", prefix + name, "unknown option", hint);
}

/** The value for a message: an object has no text that could be trusted, an array may be long. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "function") return "a function";
  if (!Array.isArray(value)) return typeof value === "object" && value !== null ? "an object" : String(value);
  const items = value.slice(0, 10).map((item) => (Array.isArray(item) ? "an array" : shown(item)));
  return `[${items.join(", ")}${value.length > 10 ? `, … ${value.length} values` : ""}]`;
}
