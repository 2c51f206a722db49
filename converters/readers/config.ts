/**
 * Reads a config.yaml or config.json: by path, with the expected type, and upstream's default where it has
 * one. Ranges are checked later, with those of every other checkpoint, when the model's settings are read.
 */
import type { Companions } from "./companions.ts";
import { malformed } from "../../src/checkpoints/malformed.ts";
import { parseYaml } from "./yaml.ts";

export class Config {
  readonly #values: unknown;
  readonly #where: string;

  constructor(values: unknown, where: string) {
    this.#values = values;
    this.#where = where;
  }

  /** The value at a dotted path, or undefined. `null` counts as absent, as upstream has it. */
  value(path: string): unknown {
    let value = this.#values;
    for (const key of path.split(".")) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[key];
    }
    return value ?? undefined;
  }

  /** Where a value is, for messages. */
  where(path: string): string {
    return `${this.#where}, ${path}`;
  }

  integer(path: string, absent?: number): number {
    const value = this.value(path) ?? absent;
    return typeof value === "number" && Number.isSafeInteger(value)
      ? value
      : this.#refuse(path, value, "an integer");
  }

  number(path: string, absent?: number): number {
    const value = this.value(path) ?? absent;
    return typeof value === "number" && Number.isFinite(value)
      ? value
      : this.#refuse(path, value, "a number");
  }

  text(path: string, absent?: string): string {
    const value = this.value(path) ?? absent;
    return typeof value === "string" ? value : this.#refuse(path, value, "text");
  }

  flag(path: string, absent?: boolean): boolean {
    const value = this.value(path) ?? absent;
    return typeof value === "boolean" ? value : this.#refuse(path, value, "true or false");
  }

  /** A list of texts. */
  texts(path: string): readonly string[] {
    const value = this.value(path);
    return Array.isArray(value) && value.every((item) => typeof item === "string")
      ? value
      : this.#refuse(path, value, "a list of texts");
  }

  /** Refuses a variant of the model that no published checkpoint is. */
  require(path: string, wanted: string | number | boolean | undefined, absent = wanted): void {
    const value = this.value(path) ?? absent;
    if (value !== wanted)
      this.#refuse(path, value, wanted === undefined ? "nothing" : JSON.stringify(wanted));
  }

  /** The same, where several names are of one variant. */
  requireOne(path: string, names: readonly string[]): void {
    const value = this.value(path);
    if (value !== undefined && !names.some((name) => name === value))
      this.#refuse(path, value, names.map((name) => JSON.stringify(name)).join(" or "));
  }

  #refuse(path: string, value: unknown, wanted: string): never {
    const found = value === undefined ? "nothing" : (JSON.stringify(value) ?? "nothing").slice(0, 80);
    throw malformed(this.where(path), found, wanted);
  }
}

export async function readYaml(folder: Companions, name: string): Promise<Config> {
  const where = folder.where(name);
  return new Config(parseYaml(await folder.text(name), where), where);
}

export async function readConfigJson(folder: Companions, name: string): Promise<Config> {
  return new Config(await folder.json(name), folder.where(name));
}
