/** Flags and commands for commander: parsing, and the texts of `--help`. */
import { Option } from "commander";
import type { Command, Help } from "commander";
import { valuesText } from "../../options/rules.ts";
import type { CommandDefinition } from "../command.ts";
import { longFlag } from "./flag.ts";
import type { Flag, FlagTable } from "./flag.ts";
import { parserOf } from "./parse.ts";

/** Adds arguments and flags of a definition to a command. */
export function addFlags(command: Command, { arguments: positional = [], flags }: CommandDefinition): void {
  command.configureHelp({ optionTerm, optionDescription: (option) => option.description });
  for (const { name, help } of positional) command.argument(name, help);
  for (const [name, flag] of Object.entries(flags)) {
    for (const option of optionsFor(name, flag)) command.addOption(option);
  }
}

/** Short forms of several letters, which commander cannot read. */
const longShorts = new WeakMap<Option, string>();

/** One option of commander, or two where a flag has a negated form beside the plain one. */
function optionsFor(name: string, flag: Flag): Option[] {
  const { group, short, placeholder, negated, value: rule, several } = flag;
  const long = longFlag(name, negated === "only");
  const letter = short?.length === 2 ? `${short}, ` : "";
  const value = rule.kind === "boolean" ? "" : ` <${placeholder ?? "value"}${several ? "..." : ""}>`;
  const option = new Option(`${letter}${long}${value}`, describe(flag)).helpGroup(`${group}:`);
  if (short !== undefined && letter === "") longShorts.set(option, short);
  if (flag.required) option.makeOptionMandatory();
  if (flag.conflicts !== undefined) option.conflicts(flag.conflicts);
  if (rule.kind === "boolean") {
    if (negated === undefined) option.default(false);
  } else {
    if (rule.kind === "choice") option.choices(rule.values);
    else option.argParser(parser(flag));
    if (flag.initial !== undefined) option.default(flag.initial);
  }
  if (negated !== "also") return [option];
  return [option, new Option(longFlag(name, true), flag.negatedHelp).helpGroup(`${group}:`)];
}

function parser({ parse, value, several, repeated }: Flag): (text: string, earlier: unknown) => unknown {
  const one = parse ?? parserOf(value);
  if (several !== true && repeated !== true) return one;
  return (text, earlier) => [...((earlier ?? []) as unknown[]), one(text)];
}

/** The help, then values and default in brackets. */
function describe(flag: Flag): string {
  const usual = flag.initial ?? (flag.value.kind === "boolean" ? undefined : flag.default);
  const values = valuesText(flag.value);
  const details = [values, usual === undefined ? "" : `default: ${usual}`].filter((text) => text !== "");
  return details.length === 0 ? flag.help : `${flag.help} [${details.join("; ")}]`;
}

function optionTerm(this: Help, option: Option): string {
  const short = longShorts.get(option);
  return short === undefined ? option.flags : `${short}, ${option.flags}`;
}

/** Replaces the short forms of several letters by the long ones. */
export function expandShorts(argv: readonly string[], tables: readonly FlagTable[]): string[] {
  const long = new Map<string, string>();
  for (const [name, { short, negated }] of tables.flatMap((table) => Object.entries(table))) {
    if (short === undefined || short.length === 2) continue;
    long.set(short, longFlag(name, negated === "only"));
  }
  return argv.map((word) => long.get(word) ?? word);
}
