/** The command line as a function: arguments in, exit code out. */
import { existsSync } from "node:fs";
import { UsageError } from "../errors.ts";
import { nearest } from "../options/nearest.ts";
import { version } from "../version.ts";
import type { CommandEntry } from "./command.ts";
import { commands, defaultCommand } from "./commands.ts";
import { terminal } from "./console.ts";
import type { Terminal } from "./console.ts";
import { bad } from "./content.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { runCommand } from "./run-command.ts";

const AFTER_HELP = `\`fun-asr COMMAND --help\` lists the flags of a command. Without a command,
fun-asr transcribes. Results go to stdout, everything else to stderr.
Exit codes: 0 success, 1 failure, 2 wrong usage or a file that cannot be read,
3 model, 4 audio, 5 difference, 6 refused by --strict, 128 and the signal number
when ended by a signal (130: Ctrl-C).`;

/** Runs the command that the arguments name. Never throws: errors are written to the screen. */
export async function runCli(
  argv: readonly string[],
  screen: Terminal = terminal(),
  stdin: AsyncIterable<Uint8Array> = process.stdin,
): Promise<ExitCode> {
  try {
    const [first = ""] = argv;
    if (first === "-V" || first === "--version") screen.result(version);
    else if (first === "-h" || first === "--help") screen.result(await programHelp());
    else if (first !== "help") return await runNamed(argv, screen, stdin);
    else if (argv.length === 1) screen.result(await programHelp());
    else return await runNamed([...argv.slice(1), "--help"], screen, stdin);
    return exitCodes.fine;
  } catch (error) {
    screen.note(bad(explain(error)));
    return exitCodeOf(error);
  }
}

async function runNamed(
  argv: readonly string[],
  screen: Terminal,
  stdin: AsyncIterable<Uint8Array>,
): Promise<ExitCode> {
  const entry = findCommand(argv) ?? defaultCommand;
  if (entry === defaultCommand) refuseUnknown(argv[0]);
  const own = findCommand(argv) === undefined ? argv : argv.slice(entry.name.split(" ").length);
  const { installNode } = await import("../adapters/node/install.ts");
  const { parseCommand } = await import("./flags/commander.ts");
  installNode();
  const definition = await entry.load();
  const parsed = parseCommand(entry, definition, own);
  if ("help" in parsed) {
    screen.result(parsed.help);
    return exitCodes.fine;
  }
  return await runCommand({ screen, stdin }, (run) => definition.run(run, parsed.flags, parsed.args));
}

/** The command that the first words name. */
function findCommand(argv: readonly string[]): CommandEntry | undefined {
  return commands.find(({ name }) => name.split(" ").every((word, i) => argv[i] === word));
}

/** Throws `bad_option` for a first word that is no command, and no file, folder or pattern that could be transcribed. */
function refuseUnknown(word = ""): void {
  const first = (name: string): string => name.split(" ")[0]!;
  const inner = commands.filter(({ name }) => name !== word && first(name) === word).map(({ name }) => name);
  if (inner.length > 0) {
    throw new UsageError("bad_option", word, "is not the whole command", {
      wanted: inner.map((name) => `fun-asr ${name}`).join(", "),
    });
  }
  const known = [...commands.map(({ name }) => name), "help"];
  if (!/^\w[\w-]*$/u.test(word) || known.includes(word) || existsSync(word)) return;
  const near = nearest(word, known.map(first));
  const whole = known.find((name) => first(name) === near);
  throw new UsageError("bad_option", word, "there is no such command and no such file", {
    remedy: whole === undefined ? "`fun-asr --help` lists the commands" : `Did you mean fun-asr ${whole}?`,
  });
}

/** The list of commands. */
async function programHelp(): Promise<string> {
  const { Command } = await import("commander");
  const program = new Command("fun-asr")
    .usage("[command] [options] [files...]")
    .description("Fun-ASR-Nano, Paraformer and SenseVoice speech recognition in pure TypeScript")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .helpCommand(false);
  for (const { name, summary, group } of commands)
    program.addCommand(new Command(name).description(summary).helpGroup(`${group}:`));
  program.addCommand(new Command("help").description("print the help of a command").helpGroup("Help:"));
  return `${program.helpInformation()}\n${AFTER_HELP}`;
}
