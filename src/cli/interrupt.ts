/**
 * Signals that end the process. The first one aborts the work and removes its temporary files at once; work that does not
 * end by itself is ended after a while. A second signal has its usual effect.
 */
import { constants } from "node:os";
import { removeTemporaries } from "../adapters/node/output/temporary.ts";
import { exitCodes } from "./exit.ts";
import type { ExitCode } from "./exit.ts";

const signals = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.hungUp,
  SIGQUIT: exitCodes.quit,
} as const;
export type SignalName = keyof typeof signals;

/** How long the work has to end. */
const graceMs = 3000;

export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<SignalName, () => void>();
  #received: SignalName | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Aborted by the first signal after {@link start}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code of the signal that was received: 128 and its number. */
  get exitCode(): ExitCode | undefined {
    return this.#received === undefined ? undefined : signals[this.#received];
  }

  /** Begins to listen. A signal for which `instead` returns true has no other effect. */
  start(instead?: (signal: SignalName) => boolean): void {
    for (const name of Object.keys(signals) as SignalName[]) {
      if (constants.signals[name] === undefined || this.#listeners.has(name)) continue;
      const listener = (): void => {
        if (instead?.(name) !== true) this.#stop(name);
      };
      this.#listeners.set(name, listener);
      process.on(name, listener);
    }
  }

  [Symbol.dispose](): void {
    this.#stopListening();
    clearTimeout(this.#timer);
  }

  #stop(name: SignalName): void {
    this.#received = name;
    this.#stopListening();
    this.#timer = setTimeout(() => process.exit(signals[name]), graceMs);
    this.#timer.unref();
    this.#controller.abort();
    removeTemporaries();
  }

  #stopListening(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
    this.#listeners.clear();
  }
}
