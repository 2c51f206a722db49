/** The package's entry point in Node: the public API, on files, threads, programs and backends of this machine. */
import { join } from "node:path";
// Without "node:", and with the address as a literal in its place: so webpack finds the thread's program.
import { Worker } from "worker_threads";
import { installNode } from "./adapters/node/install.ts";
import { workerThread } from "./adapters/node/worker-thread.ts";

/** The thread gets no flags of this process: those of a test runner or debugger would break it. */
const execArgv: string[] = [];

installNode(() =>
  workerThread(
    (import.meta.url as string | undefined) === undefined // in a bundle in CommonJS
      ? new Worker(join(__dirname, "fun-asr-worker.js"), { execArgv })
      : new Worker(new URL("./fun-asr-worker.js", import.meta.url), { execArgv }),
  ),
);

export * from "./index.ts";
