/** Reads inputs in another process, which is ended where one takes too long. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Measurement } from "./measure.ts";

/** A case of the catalog, or a text of a size in bytes. */
export type Request =
  | { readonly kind: string; readonly index: number }
  | { readonly index: number; readonly size: number };

/** The V8 heap of the process, in MiB: a reader that needs more crashes it. */
const HEAP = 1024;

export class Runner implements AsyncDisposable {
  #child: ChildProcess | undefined;

  /** The measurement, or one with the outcome `hangs` after `seconds`, or `crashes`. */
  async ask(request: Request, seconds: number): Promise<Measurement> {
    const child = (this.#child ??= await this.#start());
    return await new Promise<Measurement>((resolve) => {
      const end = (measurement: Measurement): void => {
        clearTimeout(timer);
        child.off("message", end).off("exit", crash);
        resolve(measurement);
      };
      const lost = (outcome: string): Measurement => ({
        outcome,
        milliseconds: seconds * 1000,
        mebibytes: NaN,
      });
      const crash = (code: number | null, signal: string | null): void => {
        this.#child = undefined;
        end(lost(`crashes (${signal ?? code})`));
      };
      const timer = setTimeout(() => {
        child.off("exit", crash);
        this.#child = undefined;
        child.kill("SIGKILL");
        end(lost("hangs"));
      }, seconds * 1000);
      child.on("message", end).on("exit", crash);
      child.send(request);
    });
  }

  /** A fresh process for the next request. */
  async restart(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.restart();
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(join(import.meta.dirname, "child.js"), {
      execArgv: [`--max-old-space-size=${HEAP}`],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    await once(child, "message");
    return child;
  }
}
