/** The frame around every command: interrupts, progress, errors and exit codes. */
import { progressLine } from "./console.ts";
import { bad } from "./content.ts";
import type { CommandContext, CommandRun } from "./context.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { Interrupt } from "./interrupt.ts";

/** Runs `work` and returns its exit code, `fine` unless it returns another. An error becomes a note and its code. */
export async function runCommand(
  context: CommandContext,
  work: (run: CommandRun) => Promise<ExitCode | void>,
): Promise<ExitCode> {
  const { screen } = context;
  using interrupt = new Interrupt();
  let started = false;
  const run: CommandRun = {
    ...context,
    start({ progress = true, onSignal } = {}) {
      interrupt.start(onSignal);
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
    // whatever the work failed with when it was ended
    const { exitCode } = interrupt;
    screen.note(exitCode === undefined ? bad(explain(error)) : "interrupted");
    return exitCode ?? exitCodeOf(error);
  } finally {
    if (started) screen.progress("");
  }
}
