/** The fields of a form by name. What is never asked for is listed, so that a client learns what has no effect. */
import { parserOf, refuse } from "../options/parse.ts";
import type { ValueRule } from "../options/rules.ts";

const words: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

export class Fields {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #read = new Set<string>();

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  /** The fields that nothing has asked for. */
  get ignored(): readonly string[] {
    return [...this.#values.keys()].filter((name) => !this.#read.has(name));
  }

  /** All values of the fields with these names, each plain or with `[]`, as clients write lists. Empty ones are left out. */
  all(...names: readonly string[]): readonly string[] {
    const values = names.flatMap((name) => [name, `${name}[]`]).flatMap((name) => this.#take(name));
    return values.filter((value) => value.trim() !== "");
  }

  /** The text of a field; the last one where it is given several times. */
  text(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  /** A field of a fixed set of values. Throws `bad_option`. */
  choice<const Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    return this.#parsed(name, { kind: "choice", values }) as Value | undefined;
  }

  /** Throws `bad_option`. */
  number(name: string, rule: ValueRule & { readonly kind: "number" }): number | undefined {
    return this.#parsed(name, rule) as number | undefined;
  }

  /** Throws `bad_option` for other words than true and false. */
  boolean(name: string): boolean {
    const text = this.text(name)?.trim().toLowerCase() ?? "false";
    return words[text] ?? refuse(name, text, "true or false");
  }

  /** A field that is an object: as JSON in one field, or as one field for each member, `name[member]`. Throws `bad_option`. */
  object(name: string): Readonly<Record<string, unknown>> | string | undefined {
    const members = [...this.#values.keys()].flatMap((key) => {
      const member = key.startsWith(`${name}[`) && key.endsWith("]") ? key.slice(name.length + 1, -1) : "";
      return member === "" ? [] : [[member, this.#take(key).at(-1)] as const];
    });
    if (members.length > 0) return Object.fromEntries(members);
    const text = this.text(name);
    if (text === undefined || !text.trimStart().startsWith("{")) return text;
    try {
      return JSON.parse(text) as Readonly<Record<string, unknown>>;
    } catch {
      return refuse(name, text, "JSON");
    }
  }

  #take(name: string): readonly string[] {
    this.#read.add(name);
    return this.#values.get(name) ?? [];
  }

  #parsed(name: string, rule: ValueRule): unknown {
    const text = this.text(name);
    return text === undefined ? undefined : parserOf(rule)(text, name);
  }
}
