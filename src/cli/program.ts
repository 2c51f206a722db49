/** The command line as a function: one binary, a command per file; arguments in, exit code out. */
import { Command, CommanderError } from "commander";
import { version } from "../version.ts";
import { terminal } from "./console.ts";
import type { Terminal } from "./console.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { registerAblate } from "./ablate.ts";
import { registerAlign } from "./align.ts";
import { registerBench } from "./bench.ts";
import { registerCompare } from "./compare.ts";
import { registerConvert, registerQuantize } from "./convert.ts";
import { registerCtc } from "./ctc.ts";
import { registerDiff } from "./diff.ts";
import { registerDump } from "./dump.ts";
import { registerHotwords } from "./hotwords.ts";
import { registerInspect } from "./inspect.ts";
import { registerDoctor } from "./doctor.ts";
import { registerLens } from "./lens.ts";
import { registerPatch } from "./patch.ts";
import { registerReport } from "./report.ts";
import { registerSetup } from "./setup.ts";
import { registerTranscribe } from "./transcribe.ts";

/** What a command has at hand. */
export interface CommandContext {
  readonly screen: Terminal;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Called once by the command that ran. */
  readonly finish: (code: ExitCode) => void;
}

/** Runs the command that the arguments name. Never throws: what goes wrong is said on the screen. */
export async function runCli(
  argv: readonly string[],
  screen: Terminal = terminal(),
  stdin: AsyncIterable<Uint8Array> = process.stdin,
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.fine;
  const context: CommandContext = {
    screen,
    stdin,
    finish: (code) => {
      exitCode = code;
    },
  };
  const program = new Command("fun-asr")
    .description("Fun-ASR-Nano, Paraformer and SenseVoice speech recognition in pure TypeScript")
    .version(version)
    .showHelpAfterError("(see --help)")
    .configureOutput({
      writeOut: (text) => screen.result(text.trimEnd()),
      writeErr: (text) => screen.note(text.trimEnd()),
    })
    .exitOverride();
  registerTranscribe(program, context);
  registerAlign(program, context);
  registerCtc(program, context);
  registerHotwords(program, context);
  registerConvert(program, context);
  registerQuantize(program, context);
  registerInspect(program, context);
  registerCompare(program, context);
  registerBench(program, context);
  registerDump(program, context);
  registerDiff(program, context);
  registerPatch(program, context);
  registerAblate(program, context);
  registerLens(program, context);
  registerReport(program, context);
  registerSetup(program, context);
  registerDoctor(program, context);

  try {
    await program.parseAsync(spellOut(argv), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
    screen.note(explain(error));
    return exitCodeOf(error);
  }
  return exitCode;
}

/** whisper.cpp's two-letter flags, which users have in their fingers, as the long ones that they mean. */
const longFlags: { readonly [flag: string]: string } = {
  "-otxt": "--output-txt",
  "-oj": "--output-json",
  "-ojf": "--output-json-full",
  "-osrt": "--output-srt",
  "-ovtt": "--output-vtt",
  "-olrc": "--output-lrc",
  "-otsv": "--output-tsv",
  "-ocsv": "--output-csv",
  "-otextgrid": "--output-textgrid",
  "-octm": "--output-ctm",
  "-orttm": "--output-rttm",
  "-ot": "--offset-t",
  "-pp": "--print-progress",
  "-ml": "--max-len",
  "-of": "--output-file",
  "-np": "--no-print",
};

function spellOut(argv: readonly string[]): string[] {
  return argv.map((word) => longFlags[word] ?? word);
}
