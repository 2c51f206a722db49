/** A terminal that records what is written to it, for running the command line in a test. */
import { runCli } from "../../../src/cli/program.ts";
import { noteText } from "../../../src/cli/console.ts";
import { render } from "../../../src/cli/content.ts";
import type { Content, Toned } from "../../../src/cli/content.ts";
import type { ExitCode } from "../../../src/cli/exit.ts";

interface CliRun {
  readonly exitCode: ExitCode;
  /** What went to stdout. */
  readonly results: readonly string[];
  /** What went to stderr, except progress. */
  readonly notes: readonly string[];
  readonly progress: readonly string[];
}

export async function cli(...argv: string[]): Promise<CliRun> {
  return cliReading([], ...argv);
}

/** The same with something on standard input. */
export async function cliReading(stdin: readonly Uint8Array[], ...argv: string[]): Promise<CliRun> {
  const results: string[] = [];
  const notes: string[] = [];
  const progress: string[] = [];
  const screen = {
    result: (content: Content) => void results.push(render(content)),
    note: (content: string | Toned) => void notes.push(noteText(content)),
    progress: (text: string) => void progress.push(text),
  };
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield* stdin;
  }
  const exitCode = await runCli(argv, screen, bytes());
  return { exitCode, results, notes, progress };
}
