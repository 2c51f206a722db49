/** The frame around every command: interrupts, progress, errors and exit codes. */
import { progressLine } from "./console.ts";
import type { CommandContext, CommandRun } from "./context.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import type { ExitCode } from "./exit.ts";

/** Runs `work` and returns its exit code, `fine` unless it returns another. An error becomes a note and its code. */
export async function runCommand(
  context: CommandContext,
  work: (run: CommandRun) => Promise<ExitCode | void>,
): Promise<ExitCode> {
  const { screen } = context;
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  let started = false;
  const run: CommandRun = {
    ...context,
    start({ progress = true } = {}) {
      if (!started) process.once("SIGINT", stop);
      started = true;
      return {
        signal: interrupt.signal,
        onProgress: progress ? (now) => screen.progress(progressLine(now)) : undefined,
      };
    },
  };
  try {
    return (await work(run)) ?? exitCodes.fine;
  } catch (error) {
    screen.note(explain(error));
    return exitCodeOf(error);
  } finally {
    process.off("SIGINT", stop);
    if (started) screen.progress("");
  }
}
