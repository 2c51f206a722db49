/** The terminal: results on stdout, notes and a progress line on stderr. Nothing that controls a terminal reaches one. */
import { stderr, stdout } from "node:process";
import { printableLine, printableNote } from "../adapters/node/output/printable.ts";
import type { Progress } from "../recognizers/options.ts";
import { startOf } from "./cut-line.ts";
import { render } from "./content.ts";
import type { Content, Paper, Toned } from "./content.ts";
import { exitCodes } from "./exit.ts";

export interface Terminal {
  /** A result, on stdout. */
  result(content: Content): void;
  /** Anything else, on stderr; lines behind the first are indented. */
  note(content: string | Toned): void;
  /**
   * Replaces the progress line, cut to the width of the terminal; an empty text removes it. Without effect if stderr is no
   * terminal, unless it is forced.
   */
  progress(text: string, isForced?: boolean): void;
  /** Whether results are shown on a terminal. */
  readonly showsResults?: boolean | undefined;
  /** The columns of stderr; undefined if that is no terminal, or one that cannot clear a line. */
  readonly columns?: number | undefined;
}

/** A terminal that does not know its width has any. */
function paper(stream: typeof stdout): Paper {
  return stream.isTTY ? { columns: stream.columns || Infinity, color: stream.hasColors() } : {};
}

export function terminal(): Terminal {
  const live = stderr.isTTY && process.env["TERM"] !== "dumb"; // a dumb one cannot clear a line
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write("\r\u001b[2K");
    shown = false;
  };
  return {
    showsResults: stdout.isTTY,
    get columns() {
      return live ? (stderr.columns ?? 80) : undefined;
    },
    result(content) {
      clear();
      stdout.write(`${render(content, paper(stdout))}\n`);
    },
    note(content) {
      clear();
      stderr.write(`${noteText(content, live && stderr.hasColors())}\n`);
    },
    progress(text, isForced = false) {
      clear();
      if ((!live && !isForced) || text === "") return;
      stderr.write(startOf(printableLine(text), (stderr.columns ?? 80) - 1));
      shown = true;
    },
  };
}

/** A note as it is printed: whatever a name in it holds, it is one note, and controls no terminal. */
export function noteText(content: string | Toned, color = false): string {
  const clean =
    typeof content === "string" ? printableNote(content) : { ...content, text: printableNote(content.text) };
  return render(clean, { columns: Infinity, color });
}

/**
 * Stops the work, as Ctrl-C does, when stdout cannot be written: its reader is gone (`| head`), or the disk is full,
 * which is also a failure. Errors of stderr are ignored.
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

/** A step, a bar and the count. */
export function progressLine({ stage, done, total }: Progress): string {
  return `${stage.padEnd(8)} ${bar(done, total)} ${done}/${total}`;
}
