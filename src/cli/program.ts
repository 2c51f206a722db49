/** The command line as a function: arguments in, exit code out. */
import { existsSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { UsageError } from "../errors.ts";
import { nearest } from "../options/check.ts";
import { version } from "../version.ts";
import type { CommandDefinition } from "./command.ts";
import { commands } from "./commands.ts";
import { terminal } from "./console.ts";
import type { Terminal } from "./console.ts";
import type { CommandContext } from "./context.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { addFlags, expandShorts } from "./flags/commander.ts";
import { runCommand } from "./run-command.ts";

const AFTER_HELP = `\`fun-asr COMMAND --help\` lists the flags of a command. Without a command, fun-asr transcribes.
Results go to stdout, everything else to stderr. Exit codes: 0 success, 1 failure, 2 wrong usage
or a file that cannot be read, 3 model, 4 audio, 5 difference, 6 refused by --strict, 128 and the
signal number when ended by a signal (130: Ctrl-C).`;

/** Runs the command that the arguments name. Never throws: errors are written to the screen. */
export async function runCli(
  argv: readonly string[],
  screen: Terminal = terminal(),
  stdin: AsyncIterable<Uint8Array> = process.stdin,
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.fine;
  const context = { screen, stdin };
  const stranger = unknownCommand(argv);
  if (stranger !== undefined) {
    screen.note(explain(stranger));
    return exitCodeOf(stranger);
  }
  const program = new Command("fun-asr")
    .description("Fun-ASR-Nano, Paraformer and SenseVoice speech recognition in pure TypeScript")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpCommand(
      new Command("help [command]").description("print the help of a command").helpGroup("Help:"),
    )
    .addHelpText("after", `\n${AFTER_HELP}`)
    .showHelpAfterError("(see --help)")
    .configureOutput({
      writeOut: (text) => screen.result(text.trimEnd()),
      writeErr: (text) => screen.note(text.trimEnd()),
    })
    .exitOverride();
  for (const definition of commands) {
    addCommand(program, definition, context, (code) => {
      exitCode = code;
    });
  }
  try {
    const tables = commands.map(({ flags }) => flags);
    await program.parseAsync(expandShorts(argv, tables), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
    screen.note(explain(error));
    return exitCodeOf(error);
  }
  return exitCode;
}

/** The error for a first word that is no command, and no file, folder or pattern that could be transcribed. */
function unknownCommand([word = ""]: readonly string[]): UsageError | undefined {
  const known = [...commands.map(({ name }) => name.split(" ")[0]!), "help"];
  if (!/^[a-z]+$/iu.test(word) || known.includes(word) || existsSync(word)) return undefined;
  const near = nearest(word, known);
  return new UsageError("bad_option", word, "there is no such command and no such file", {
    remedy: near === undefined ? "`fun-asr --help` lists the commands" : `Did you mean fun-asr ${near}?`,
  });
}

function addCommand(
  program: Command,
  definition: CommandDefinition,
  context: CommandContext,
  finish: (code: ExitCode) => void,
): void {
  const { name, summary, group, isDefault = false, arguments: positional = [] } = definition;
  const [outer = name, inner] = name.split(" ");
  const parent = inner === undefined ? program : parentCommand(program, outer, definition);
  const command = parent
    .command(inner ?? outer, { isDefault })
    .description(summary)
    .helpOption("-h, --help", "print this help")
    .helpGroup(inner === undefined ? `${group}:` : "Commands:");
  addFlags(command, definition);
  command.action(async (...given: unknown[]) => {
    const args = (given.slice(0, positional.length) as (string | string[] | undefined)[]).flat();
    const named = args.filter((word) => word !== undefined);
    finish(await runCommand(context, (run) => definition.run(run, given[positional.length] as never, named)));
  });
}

/** The command above a subcommand. */
function parentCommand(program: Command, name: string, { group }: CommandDefinition): Command {
  const known = program.commands.find((command) => command.name() === name);
  return known ?? program.command(name).description("set up a backend").helpGroup(`${group}:`);
}
