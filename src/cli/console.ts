/** What a person at the terminal sees beside the results: notes and a progress line, all on stderr. */
import { stderr, stdout } from "node:process";
import type { Progress } from "../recognizers/recognizer.ts";
import { exitCodes } from "./exit.ts";

export interface Terminal {
  /** A result, on stdout. */
  result(text: string): void;
  /** Anything else, on stderr. */
  note(text: string): void;
  /** Replaces the progress line; an empty text removes it. Nothing where stderr is no terminal. */
  progress(text: string): void;
}

export function terminal(): Terminal {
  const live = stderr.isTTY;
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write("\r\u001b[2K");
    shown = false;
  };
  return {
    result(text) {
      clear();
      stdout.write(`${text}\n`);
    },
    note(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      clear();
      if (!live || text === "") return;
      stderr.write(text);
      shown = true;
    },
  };
}

/**
 * Results that nobody reads any more (`| head`) end the work as Ctrl-C does; results that are lost, on a full disk, are
 * a failure as well. Notes may go unread.
 */
export function endWithReader(results: NodeJS.WritableStream, notes: NodeJS.WritableStream): void {
  notes.on("error", () => {});
  results.on("error", ({ code = "unknown" }: NodeJS.ErrnoException) => {
    process.emit("SIGINT");
    if (code === "EPIPE") return;
    process.exitCode = exitCodes.failure;
    notes.write(`stdout: the results cannot be written (${code})\n`);
  });
}

/** A bar of 20 cells. */
export function bar(done: number, total: number): string {
  const filled = total === 0 ? 20 : Math.round((20 * Math.min(done, total)) / total);
  return `${"█".repeat(filled)}${"░".repeat(20 - filled)}`;
}

/** How far a step is. */
export function progressLine({ stage, done, total }: Progress): string {
  return `${stage.padEnd(8)} ${bar(done, total)} ${done}/${total}`;
}
