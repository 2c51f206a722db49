/** The check of a caller's options against a table: unknown names and wrong values throw `bad_option`. */
import { UsageError } from "../errors.ts";
import { distance } from "../edit-distance.ts";
import { accepts, wanted } from "./rules.ts";
import type { OptionTable } from "./rules.ts";

/** `prefix` is put before each name in an error: `chunk.` for the options of `chunk`. Absent options are undefined. */
export function checkOptions(options: object, table: OptionTable, prefix = ""): void {
  checkObject(options, prefix);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(table, name));
  if (unknown !== undefined) throw unknownOption(unknown, table, prefix);
  checkValues(options, table, prefix);
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
    if (!accepts(rule, value))
      throw new UsageError("bad_option", prefix + name, shown(value), { wanted: wanted(rule) });
    if (rule.kind === "options" && typeof value === "object")
      checkOptions(value as object, rule.options, `${prefix}${name}.`);
  }
}

function unknownOption(name: string, table: OptionTable, prefix: string): UsageError {
  const near = nearest(name, Object.keys(table));
  const hint =
    near === undefined
      ? { wanted: Object.keys(table).join(", ") }
      : { remedy: `Did you mean ${prefix}${near}?` };
  return new UsageError("bad_option", prefix + name, "unknown option", hint);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  return typeof value === "object" && value !== null
    ? Array.isArray(value)
      ? `[${value.map(String).join(", ")}]`
      : "an object"
    : typeof value === "function"
      ? "a function"
      : String(value);
}

/** The known name with the smallest edit distance, if it shares at least half of its letters. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const letters = (text: string): string[] => Array.from(text.toLowerCase());
  const [best] = known
    .map((one) => ({ one, edits: distance(letters(name), letters(one)) }))
    .toSorted((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= name.length / 2 ? best.one : undefined;
}
