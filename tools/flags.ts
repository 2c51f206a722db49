/** The command lines of these tools: `--help`, and a message with the help, exit code 2, for what is wrong. */
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
interface CommandLine<T extends Options> {
  readonly values: ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>["values"];
  readonly positionals: readonly string[];
}

/** Reads this process's arguments, at most `words` of which are no flags. Ends the process for `--help` and what is wrong. */
export function commandLine<const T extends Options>(help: string, options: T, words = 0): CommandLine<T> {
  const argv = process.argv.slice(2);
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(help);
    process.exit();
  }
  try {
    const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
    if (positionals.length > words) throw new Error(`unexpected "${positionals[words]}"`);
    return { values, positionals };
  } catch (error) {
    return refuse((error as Error).message, help);
  }
}

/** Prints what is wrong with the arguments and how they are to be, and ends the process. */
export function refuse(reason: string, help: string): never {
  console.error(`${reason}\n\n${help}`);
  process.exit(2);
}

/** A whole number of at least `least`, as the value of a flag. Ends the process for others. */
export function wholeNumber(flag: string, value: string, help: string, least = 1): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least)
    refuse(`${flag} ${value}: wanted a whole number from ${least}`, help);
  return number;
}
