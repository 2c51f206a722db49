/** A process that reads batches, and is ended where a mutant takes too long. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Batch, BatchResult } from "./child.ts";
import { PATIENCE } from "./limits.ts";
import type { Patience } from "./limits.ts";

/** The V8 heap of the process, in MiB: a reader that needs more crashes it. */
const HEAP = 512;

/** The result, or the mutant at which the process hung or crashed. */
export type Outcome = BatchResult | { readonly lost: number; readonly what: string };

export class Worker implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "fun-asr-fuzz-"));
  readonly #progress = openSync(join(this.#folder, "progress"), "w+");
  readonly #patience: Patience;
  #child: ChildProcess | undefined;

  constructor(patience = PATIENCE) {
    this.#patience = patience;
  }

  async run(batch: Batch): Promise<Outcome> {
    const child = (this.#child ??= await this.#start());
    return await new Promise<Outcome>((resolve) => {
      let start = { mutant: NaN, reading: 0, busy: 0, lived: 0 };
      const end = (outcome: Outcome): void => {
        clearInterval(watchdog);
        child.off("message", end).off("exit", crash);
        resolve(outcome);
      };
      const lose = (what: string): void => {
        this.#child = undefined;
        end({ lost: Math.max(batch.from, this.#progressed().mutant), what });
      };
      const crash = (code: number | null, signal: string | null): void =>
        lose(`crashes (${signal ?? `exit code ${code}`})`);
      const watchdog = setInterval(() => {
        const now = this.#progressed();
        if (now.mutant !== start.mutant || now.reading !== start.reading) start = now;
        const [busy, waited] = [now.busy - start.busy, now.lived - start.lived];
        if (busy < this.#patience.busy * 1000 && waited < this.#patience.idle * 1000) return;
        child.off("exit", crash);
        child.kill("SIGKILL");
        const seconds = (busy / 1000).toFixed(0);
        lose(`hangs: no end after ${seconds} s of processor time, ${(waited / 1000).toFixed(0)} s in all`);
      }, 250);
      child.on("message", end).on("exit", crash);
      child.send(batch);
    });
  }

  /** A fresh process for the next batch. */
  async restart(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.restart();
    closeSync(this.#progress);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The mutant that is being read, how often it was before, and the times of the process and of its clock in milliseconds. */
  #progressed() {
    const cells = new Int32Array(4);
    readSync(this.#progress, cells, 0, 16, 0);
    const [mutant, reading, busy, lived] = cells as unknown as readonly [number, number, number, number];
    return { mutant, reading, busy, lived };
  }

  async #start(): Promise<ChildProcess> {
    writeSync(this.#progress, Int32Array.of(-1, 0, 0, 0), 0, 16, 0); // of the process before
    const child = fork(join(import.meta.dirname, "child.js"), ["4"], {
      execArgv: [`--max-old-space-size=${HEAP}`],
      stdio: ["ignore", "ignore", "ignore", "ipc", this.#progress],
    });
    await once(child, "message");
    return child;
  }
}
