/**
 * A flag as data. A table of flags is keyed by the names that their values have in the program: `maxTokens` is the flag
 * `--max-tokens`. Most flags take values, default and help from an option of the library.
 */
import type { Option, ValueOf } from "../../options/rules.ts";

export interface Flag extends Option {
  /** The heading in the help of a command. */
  readonly group: string;
  /** One letter (`-m`), or one of whisper.cpp's longer ones (`-osrt`). */
  readonly short?: string;
  /** Name of the value in the help, for example `file`. */
  readonly placeholder?: string;
  readonly required?: true;
  /** Whether `--no-…` is the only form, or exists beside the plain one. */
  readonly negated?: "only" | "also";
  /** Help of the negated form, where there are both. */
  readonly negatedHelp?: string;
  /** Whether the flag takes several values. */
  readonly several?: true;
  /** Whether the flag can be repeated, with a value each time. */
  readonly repeated?: true;
  /** The value that the command gets where the flag is absent. Others leave the default to the library. */
  readonly initial?: string | number;
  /** Reads a value that its rule alone cannot; gets the name of the flag for its errors, which are `bad_option`. */
  readonly parse?: (text: string, flag: string) => unknown;
  /** The flag that cannot be given together with this one. */
  readonly conflicts?: string;
  /** Path of the library's option that gets the value, for example `chunk.seconds`. */
  readonly option?: string;
  /** The option gets the value divided by this: 1000 turns milliseconds into seconds. */
  readonly divisor?: number;
}

export interface FlagTable {
  readonly [name: string]: Flag;
}

type Single<F extends Flag> = F extends { readonly parse: (text: string, flag: string) => infer Value }
  ? Value
  : ValueOf<F["value"]>;
type Value<F extends Flag> = F extends { readonly several: true } | { readonly repeated: true }
  ? readonly Single<F>[]
  : Single<F>;

/** Whether a command gets a value even without the flag. */
type Present<F extends Flag> = F extends { readonly required: true } | { readonly initial: string | number }
  ? true
  : F extends { readonly negated: "also" }
    ? false
    : F extends { readonly value: { readonly kind: "boolean" } }
      ? true
      : false;

/** What a command gets of its flags. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Present<Table[Name]> extends true
    ? Value<Table[Name]>
    : Value<Table[Name]> | undefined;
};

/** `maxTokens` as `--max-tokens`, or as `--no-max-tokens`. */
export function longFlag(name: string, negated = false): string {
  return `--${negated ? "no-" : ""}${name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The options of the library that the flags of a table give; absent flags give none. */
export function optionsOf(table: FlagTable, flags: Readonly<Record<string, unknown>>): object {
  const options: Record<string, unknown> = {};
  for (const [name, { option, divisor = 1 }] of Object.entries(table)) {
    const value = flags[name];
    if (option === undefined || value === undefined) continue;
    const [outer = option, inner] = option.split(".");
    const given = typeof value === "number" ? value / divisor : value;
    if (inner === undefined) options[outer] = given;
    else options[outer] = { ...(options[outer] as object | undefined), [inner]: given };
  }
  return options;
}
