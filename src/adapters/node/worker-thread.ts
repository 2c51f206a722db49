/** Threads of `node:worker_threads`. */
import { Worker } from "node:worker_threads";
import { RuntimeError } from "../../errors.ts";
import type { WorkerThread } from "../../platform/platform.ts";

/** The thread gets no flags of this process: those of a test runner or debugger would break it. */
export function startWorker(file: URL): WorkerThread {
  let worker: Worker;
  try {
    worker = new Worker(file, { execArgv: [] });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new RuntimeError("backend_unavailable", "worker", `no thread can be started (${reason})`, {
      remedy: "Use load, or allow threads: --allow-worker where Node runs with --permission",
      cause,
    });
  }
  return workerThread(worker);
}

/** A thread that was started. */
export function workerThread(worker: Worker): WorkerThread {
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
