/**
 * Recodes pieces on several threads. The result does not depend on their number: a piece is whole blocks, and pieces
 * keep their order.
 */
import { Worker } from "node:worker_threads";
import { RuntimeError } from "../../src/errors.ts";
import { recode } from "./recode.ts";
import type { Piece, Recoded } from "./recode.ts";

export interface Recoders extends AsyncDisposable {
  /** How many pieces to have under way. */
  readonly depth: number;
  /** Takes over the piece's bytes. */
  recode(piece: Piece): Promise<Recoded>;
}

/** The compiled worker; TypeScript sources cannot be started as a thread on every Node, and run in this one. */
const workerFile = import.meta.url.endsWith(".ts") ? undefined : new URL("recode-worker.js", import.meta.url);

export function startRecoders(threads: number): Recoders {
  if (threads <= 1 || workerFile === undefined) {
    return { depth: 1, recode: async (piece) => recode(piece), [Symbol.asyncDispose]: async () => {} };
  }
  return new Threads(workerFile, threads);
}

interface Waiting {
  readonly resolve: (recoded: Recoded) => void;
  readonly reject: (error: Error) => void;
}

class Threads implements Recoders {
  readonly depth: number;
  readonly #workers: readonly Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;

  constructor(file: URL, threads: number) {
    this.depth = 2 * threads;
    this.#workers = Array.from({ length: threads }, () => this.#start(file));
  }

  recode(piece: Piece): Promise<Recoded> {
    const id = this.#next++;
    const worker = this.#workers[id % this.#workers.length] as Worker;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, piece }, [piece.bytes.buffer as ArrayBuffer]);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(file: URL): Worker {
    const worker = new Worker(file);
    worker.on("message", ({ id, ...recoded }: { id: number } & Recoded) => {
      this.#waiting.get(id)?.resolve(recoded);
      this.#waiting.delete(id);
    });
    worker.on("error", (cause) => this.#fail(cause));
    return worker;
  }

  #fail(cause: unknown): void {
    const error = new RuntimeError("internal", "quantizing thread", "it stopped", { cause });
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
