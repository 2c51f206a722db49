/** Threads of `node:worker_threads`. */
import { Worker } from "node:worker_threads";
import type { WorkerThread } from "../../platform/platform.ts";

/** The thread gets no flags of this process: those of a test runner or debugger would break it. */
export function startWorker(file: URL): WorkerThread {
  const worker = new Worker(file, { execArgv: [] });
  return {
    postMessage: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: (listener) => void worker.on("message", listener),
    onError: (listener) => void worker.on("error", listener),
    onExit: (listener) => void worker.on("exit", listener),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    terminate: async () => void (await worker.terminate()),
  };
}
