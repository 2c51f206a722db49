/**
 * Hyperparameters out of a checkpoint's metadata: present, of the right type and within a sane range, or refused with
 * the key's name. A configuration that passed is never checked again. Keys that nothing asked for are refused too: they
 * describe a model that would not be computed.
 */
import { ModelFormatError } from "../errors.ts";

/** The tensors of a checkpoint, as far as keys must agree with them. */
export interface TensorShapes {
  has(name: string): boolean;
  /** Undefined where there is no such tensor. */
  shapeOf(name: string): readonly number[] | undefined;
}

export class Settings {
  readonly #source: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #prefix: string;
  readonly #known: Set<string>;

  constructor(
    source: string,
    values: ReadonlyMap<string, unknown>,
    prefix = "",
    known: Set<string> = new Set(),
  ) {
    this.#source = source;
    this.#values = values;
    this.#prefix = prefix;
    this.#known = known;
  }

  at(name: string): Settings {
    return new Settings(this.#source, this.#values, `${this.#prefix}${name}.`, this.#known);
  }

  /** For keys that a file may lack; those it has are then known. */
  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  number(key: string, least: number, most: number): number {
    const value = this.#value(key);
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

  /** A positive number of moderate size. */
  positive(key: string): number {
    return this.number(key, Number.MIN_VALUE, 1e12);
  }

  flag(key: string): boolean {
    const value = this.#value(key);
    if (typeof value !== "boolean") this.#refuse(key, describe(value), "true or false");
    return value;
  }

  choice<Name extends string>(key: string, names: readonly Name[]): Name {
    const value = this.#value(key);
    const name = names.find((known) => known === value);
    return name ?? this.#refuse(key, describe(value), `one of ${names.join(", ")}`);
  }

  /** A list of texts. */
  texts(key: string, least: number, most: number): readonly string[] {
    const value = this.#value(key);
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    const fits = isList && value.length >= least && value.length <= most;
    return fits ? value : this.#refuse(key, describe(value), `${least} to ${most} texts`);
  }

  /** Throws `bad_metadata` for `key` unless `fits`: for rules between keys. */
  require(fits: boolean, key: string, found: string, wanted: string): void {
    if (!fits) this.#refuse(key, found, wanted);
  }

  /** Allows any keys below `name`, which describe the file, and from which nothing is computed. */
  describes(name: string): void {
    const prefix = `${this.#prefix}${name}.`;
    for (const key of this.#values.keys()) if (key.startsWith(prefix)) this.#known.add(key);
  }

  /** Throws `bad_metadata` for the first key here that nothing has asked for. */
  refuseOthers(): void {
    for (const [key, value] of this.#values) {
      if (!key.startsWith(this.#prefix) || this.#known.has(key)) continue;
      this.#refuse(
        key.slice(this.#prefix.length),
        describe(value),
        "no such key, which none of these models has",
      );
    }
  }

  #value(key: string): unknown {
    this.#known.add(this.#prefix + key);
    return this.#values.get(this.#prefix + key);
  }

  #refuse(key: string, found: string, wanted: string): never {
    throw new ModelFormatError("bad_metadata", `${this.#source}: ${this.#prefix}${key}`, found, { wanted });
  }
}

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  return Array.isArray(value) ? "an array" : JSON.stringify(value).slice(0, 80);
}
