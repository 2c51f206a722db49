/**
 * Hyperparameters out of a checkpoint's metadata: present, of the right type and within a sane range, or refused with
 * the key's name. A configuration that passed is never checked again.
 */
import { ModelFormatError } from "../errors.ts";

export class Settings {
  readonly #source: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #prefix: string;

  constructor(source: string, values: ReadonlyMap<string, unknown>, prefix = "") {
    this.#source = source;
    this.#values = values;
    this.#prefix = prefix;
  }

  at(name: string): Settings {
    return new Settings(this.#source, this.#values, `${this.#prefix}${name}.`);
  }

  has(key: string): boolean {
    return this.#values.has(this.#prefix + key);
  }

  number(key: string, least: number, most: number): number {
    const value = this.#values.get(this.#prefix + key);
    if (typeof value !== "number" || !(value >= least && value <= most)) {
      this.#refuse(key, describe(value), `a number from ${least} to ${most}`);
    }
    return value;
  }

  integer(key: string, least: number, most: number): number {
    const value = this.number(key, least, most);
    if (!Number.isInteger(value)) this.#refuse(key, `${value}`, "a whole number");
    return value;
  }

  /** A positive number of moderate size, such as an epsilon or a base. */
  positive(key: string): number {
    return this.number(key, Number.MIN_VALUE, 1e12);
  }

  flag(key: string): boolean {
    const value = this.#values.get(this.#prefix + key);
    if (typeof value !== "boolean") this.#refuse(key, describe(value), "true or false");
    return value;
  }

  choice<Name extends string>(key: string, names: readonly Name[]): Name {
    const value = this.#values.get(this.#prefix + key);
    const name = names.find((known) => known === value);
    return name ?? this.#refuse(key, describe(value), `one of ${names.join(", ")}`);
  }

  /** Throws `bad_metadata` for `key` unless `fits`: for rules between keys. */
  require(fits: boolean, key: string, found: string, wanted: string): void {
    if (!fits) this.#refuse(key, found, wanted);
  }

  #refuse(key: string, found: string, wanted: string): never {
    throw new ModelFormatError("bad_metadata", `${this.#source}: ${this.#prefix}${key}`, found, { wanted });
  }
}

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  return Array.isArray(value) ? "an array" : JSON.stringify(value);
}
