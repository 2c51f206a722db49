/** Flags and commands for commander: parsing, and the texts of `--help`. */
import { Command, CommanderError, Option } from "commander";
import type { Help } from "commander";
import { UsageError } from "../../errors.ts";
import { parserOf } from "../../options/parse.ts";
import { valuesText } from "../../options/rules.ts";
import type { CommandDefinition, CommandEntry } from "../command.ts";
import { longFlag } from "./flag.ts";
import type { Flag } from "./flag.ts";
import { unknownFlag } from "./unknown.ts";

/** What the words of a command mean: a request for its help, or values. */
type Parsed = { readonly help: string } | { readonly flags: never; readonly args: readonly string[] };

/** Throws `bad_option`. */
export function parseCommand(
  { name, summary }: CommandEntry,
  definition: CommandDefinition,
  argv: readonly string[],
): Parsed {
  const { arguments: positional = [], flags } = definition;
  const command = new Command(`fun-asr ${name}`)
    .description(summary)
    .helpOption("-h, --help", "print this help")
    .configureHelp({ optionTerm, optionDescription: (option) => option.description })
    .configureOutput({ writeOut: () => {}, outputError: () => {} })
    .showSuggestionAfterError(false)
    .exitOverride();
  for (const { name, help } of positional) command.argument(name, help);
  for (const [name, flag] of Object.entries(flags)) {
    for (const option of optionsFor(name, flag)) command.addOption(option);
  }
  try {
    command.parse(expandShorts(argv, name, definition), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { help: command.helpInformation().trimEnd() };
    if (error.code === "commander.unknownOption")
      throw unknownFlag(/'(.*)'/su.exec(error.message)?.[1] ?? "", name, definition);
    throw new UsageError("bad_option", name, error.message.replace(/^error: /u, "").replace(/\.$/u, ""), {
      remedy: `\`fun-asr ${name} --help\` lists arguments and options`,
    });
  }
  return { flags: command.opts() as never, args: command.args };
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
    option.argParser(parser(flag, long));
    if (flag.initial !== undefined) option.default(flag.initial);
  }
  if (negated !== "also") return [option];
  return [option, new Option(longFlag(name, true), flag.negatedHelp).helpGroup(`${group}:`)];
}

function parser(
  { parse, value, several, repeated }: Flag,
  name: string,
): (text: string, earlier: unknown) => unknown {
  const one = parse ?? parserOf(value);
  if (several !== true && repeated !== true) return (text) => one(text, name);
  return (text, earlier) => [...((earlier ?? []) as unknown[]), one(text, name)];
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

/**
 * Replaces the short forms of several letters by the long ones. A word that another program has as such a form is refused:
 * commander would read `-nt` as `-n t`.
 */
function expandShorts(argv: readonly string[], name: string, definition: CommandDefinition): string[] {
  const long = new Map<string, string>();
  for (const [key, { short, negated }] of Object.entries(definition.flags)) {
    if (short !== undefined && short.length > 2) long.set(short, longFlag(key, negated === "only"));
  }
  const end = argv.indexOf("--");
  return argv.map((word, i) => {
    if (end >= 0 && i > end) return word;
    if (/^-[a-z]{2,}$/u.test(word) && !long.has(word) && definition.elsewhere?.has(word) === true)
      throw unknownFlag(word, name, definition);
    return long.get(word) ?? word;
  });
}
