/** What a command works with. */
import type { Progress } from "../recognizers/options.ts";
import type { SignalName } from "./interrupt.ts";
import type { Terminal } from "./console.ts";

export interface CommandContext {
  readonly screen: Terminal;
  readonly stdin: AsyncIterable<Uint8Array>;
}

/** A command while it runs. */
export interface CommandRun extends CommandContext {
  /**
   * Begins work that takes time. From here on Ctrl-C and other signals abort it (a second one ends the process), and the
   * progress line is removed when the command ends. A signal aborts nothing where `onSignal` returns true: the work then
   * comes to its end.
   */
  start(options?: {
    readonly progress?: boolean;
    readonly onSignal?: (signal: SignalName) => boolean;
  }): LongWork;
}

export interface LongWork {
  readonly signal: AbortSignal;
  /** Shows a step on the progress line; undefined with `progress: false`. */
  readonly onProgress: ((progress: Progress) => void) | undefined;
}
