/** A terminal that remembers, for running the command line in a test. */
import { runCli } from "../../src/cli/program.ts";
import type { ExitCode } from "../../src/cli/exit.ts";

export interface CliRun {
  readonly exitCode: ExitCode;
  /** What went to stdout. */
  readonly results: readonly string[];
  /** What went to stderr, but for progress. */
  readonly notes: readonly string[];
  readonly progress: readonly string[];
}

export async function cli(...argv: string[]): Promise<CliRun> {
  const results: string[] = [];
  const notes: string[] = [];
  const progress: string[] = [];
  const exitCode = await runCli(argv, {
    result: (text) => void results.push(text),
    note: (text) => void notes.push(text),
    progress: (text) => void progress.push(text),
  });
  return { exitCode, results, notes, progress };
}
