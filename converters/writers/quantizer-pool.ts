/**
 * Quantizes chunks on several threads. The result does not depend on their number: a chunk is whole blocks, and chunks
 * keep their order.
 */
import { RuntimeError } from "../../src/errors.ts";
import { platform } from "../../src/platform/current.ts";
import type { WorkerThread } from "../../src/platform/platform.ts";
import { quantizeChunk } from "./quantize-chunk.ts";
import { quantizerProgram } from "./node.ts";
import type { Chunk, QuantizedChunk } from "./quantize-chunk.ts";

export interface QuantizerPool extends AsyncDisposable {
  /** How many chunks to have under way. */
  readonly depth: number;
  /** Takes over the chunk's bytes. */
  quantize(chunk: Chunk): Promise<QuantizedChunk>;
}

/** What a thread is sent. */
export interface QuantizerJob {
  readonly id: number;
  readonly chunk: Chunk;
}

type QuantizerReply = { readonly id: number } & QuantizedChunk;

export function startQuantizerPool(threads: number): QuantizerPool {
  const program = threads <= 1 ? undefined : quantizerProgram();
  if (program === undefined) {
    return {
      depth: 1,
      quantize: async (chunk) => quantizeChunk(chunk),
      [Symbol.asyncDispose]: async () => {},
    };
  }
  return new Threads(program, threads);
}

interface Waiting {
  readonly resolve: (chunk: QuantizedChunk) => void;
  readonly reject: (error: Error) => void;
}

class Threads implements QuantizerPool {
  readonly depth: number;
  readonly #workers: readonly WorkerThread[];
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;

  constructor(file: URL, threads: number) {
    this.depth = 2 * threads;
    this.#workers = Array.from({ length: threads }, () => this.#start(file));
  }

  quantize(chunk: Chunk): Promise<QuantizedChunk> {
    const id = this.#next++;
    const worker = this.#workers[id % this.#workers.length] as WorkerThread;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, chunk } satisfies QuantizerJob, [chunk.bytes.buffer as ArrayBuffer]);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(file: URL): WorkerThread {
    const worker = platform().startWorker(file);
    worker.onMessage((message) => {
      const { id, ...chunk } = message as QuantizerReply;
      this.#waiting.get(id)?.resolve(chunk);
      this.#waiting.delete(id);
    });
    worker.onError((cause) => this.#fail(cause));
    return worker;
  }

  #fail(cause: unknown): void {
    const error = new RuntimeError("internal", "quantizing thread", "it stopped", { cause });
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
