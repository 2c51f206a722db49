/** A process that reads batches, and is ended where a mutant takes too long. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "../child/child.ts";
import type { Batch, BatchResult } from "./child.ts";
import { PATIENCE } from "./limits.ts";
import type { Patience } from "./limits.ts";

/** The result, or the mutant at which the process hung or crashed. */
export type Outcome = BatchResult | { readonly lost: number; readonly what: string };

export class Worker implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "fun-asr-fuzz-"));
  readonly #progress = openSync(join(this.#folder, "progress"), "w+");
  readonly #child = new Child<Batch, BatchResult>({
    program: join(import.meta.dirname, "child.js"),
    argv: ["4"],
    heap: 512,
    file: this.#progress,
  });
  readonly #patience: Patience;

  constructor(patience = PATIENCE) {
    this.#patience = patience;
  }

  async run(batch: Batch): Promise<Outcome> {
    writeSync(this.#progress, Int32Array.of(-1, 0), 0, 8, 0); // of the batch before
    let start = { mutant: NaN, reading: 0, busy: 0, lived: 0 };
    const answer = await this.#child.ask(batch, () => {
      const now = this.#progressed();
      // of a process before, the clock was ahead
      if (now.mutant !== start.mutant || now.reading !== start.reading || now.lived < start.lived)
        start = now;
      const [busy, waited] = [now.busy - start.busy, now.lived - start.lived];
      if (busy < this.#patience.busy * 1000 && waited < this.#patience.idle * 1000) return undefined;
      const seconds = (busy / 1000).toFixed(0);
      return `hangs: no end after ${seconds} s of processor time, ${(waited / 1000).toFixed(0)} s in all`;
    });
    if (!("lost" in answer)) return answer;
    return { lost: Math.max(batch.from, this.#progressed().mutant), what: answer.lost };
  }

  /** A fresh process for the next batch. */
  async restart(): Promise<void> {
    await this.#child.restart();
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
}
