/** The fields of forms as tables, and the values that a request has for them. */
import { parserOf, refuse } from "../options/parse.ts";
import type { Option, ValueOf, ValueRule } from "../options/rules.ts";

/** One field: everything that its check, its reading and /openapi.json state. */
export interface Field extends Option {
  readonly required?: true;
  /** Whether it can be repeated. */
  readonly several?: true;
}

export interface FieldTable {
  readonly [name: string]: Field;
}

const words: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

export class Fields<Table extends FieldTable> {
  readonly #table: Table;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(table: Table, values: ReadonlyMap<string, readonly string[]>) {
    this.#table = table;
    this.#values = values;
  }

  /** The names of fields that the table does not have: a client learns from them what has no effect. */
  get ignored(): readonly string[] {
    return [...this.#values.keys()].filter((name) => !isKnown(this.#table, name));
  }

  /** Whether there is a text in a field, which the table need not have. */
  has(name: string): boolean {
    return this.#texts(name).length > 0;
  }

  /** All texts of the fields with these names, each plain or with `[]`, as clients write lists. Empty ones are left out. */
  all(...names: readonly (keyof Table & string)[]): readonly string[] {
    return names.flatMap((name) => this.#texts(name));
  }

  /** All values of a field. Throws `bad_option`. */
  values<Name extends keyof Table & string>(name: Name): readonly ValueOf<Table[Name]["value"]>[] {
    return this.all(name).map((text) => this.#parsed(name, text));
  }

  /** The value of a field; the last one where it is given several times. Throws `bad_option`. */
  value<Name extends keyof Table & string>(name: Name): ValueOf<Table[Name]["value"]> | undefined {
    const text = this.all(name).at(-1);
    return text === undefined ? undefined : this.#parsed(name, text);
  }

  /** A field that is an object: as JSON in one field, or as one field for each member, `name[member]`. Throws `bad_option`. */
  object(name: keyof Table & string): Readonly<Record<string, unknown>> | string | undefined {
    const members = [...this.#values.entries()].flatMap(([key, values]) => {
      const member = key.startsWith(`${name}[`) && key.endsWith("]") ? key.slice(name.length + 1, -1) : "";
      return member === "" ? [] : [[member, values.at(-1)] as const];
    });
    if (members.length > 0) return Object.fromEntries(members);
    const text = this.all(name).at(-1);
    if (text === undefined || !text.trimStart().startsWith("{")) return text;
    try {
      return JSON.parse(text) as Readonly<Record<string, unknown>>;
    } catch {
      return refuse(name, text, "JSON");
    }
  }

  #parsed<Name extends keyof Table & string>(name: Name, text: string): ValueOf<Table[Name]["value"]> {
    return parsed(this.#table[name]!.value, text, name) as ValueOf<Table[Name]["value"]>;
  }

  #texts(name: string): readonly string[] {
    const texts = [name, `${name}[]`].flatMap((key) => this.#values.get(key) ?? []);
    return texts.filter((text) => text.trim() !== "");
  }
}

function parsed(rule: ValueRule, text: string, name: string): unknown {
  if (rule.kind !== "boolean") return parserOf(rule)(text, name);
  return words[text.trim().toLowerCase()] ?? refuse(name, text, "true or false");
}

/** `name`, `name[]`, and `name[member]` of a field that is an object with this member. */
function isKnown(table: FieldTable, key: string): boolean {
  const [, name = "", member = ""] = /^([^[]*)(?:\[([^\]]*)\])?$/u.exec(key) ?? [];
  if (!Object.hasOwn(table, name)) return false;
  const rule = table[name]!.value;
  return member === "" || (rule.kind === "options" && Object.hasOwn(rule.options, member));
}
