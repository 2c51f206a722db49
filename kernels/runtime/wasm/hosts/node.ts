/** The kernels' host on Node: V8 flags, files of compiled modules, worker threads. */
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { exclusively } from "./compile-lock.ts";
import type { ModuleUse, ThreadStart, WasmHost } from "./host.ts";
import { moduleBytes, threadProgram } from "./built-files.ts";
import { setProcessFlags } from "./process-flags.ts";
import { candidate, decide, noFlags } from "./v8-flags.ts";
import type { V8Flags } from "./v8-flags.ts";
import { answersFolder, isSafe } from "./v8-probe.ts";

/** Default number of threads. */
function processors(): number {
  return availableParallelism();
}

let chosenFlags: V8Flags | undefined;

/** The flags of this process's V8. */
function v8Flags(): V8Flags {
  return (chosenFlags ??= chooseFlags());
}

function chooseFlags(): V8Flags {
  const decision = decide(process.versions);
  if (decision !== "probe") return decision;
  const modules = ["kernels.wasm", "kernels-paired.wasm"].map((file) => moduleBytes(file));
  if (!modules.every((bytes) => bytes !== undefined)) return noFlags;
  const { execPath, versions } = process;
  const probe = { flags: candidate, modules, execPath, v8: versions.v8, cache: answersFolder() };
  return isSafe(probe) ? candidate : noFlags;
}

/** True if this V8 can pair 128-bit operations into 256-bit ones, and is faster with it. */
function canRevectorize(): boolean {
  return v8Flags().revectorize;
}

/** Compiles with the flags that are safe on this V8, and restores them, because they apply to the whole process. */
function compile(bytes: Uint8Array<ArrayBuffer>, use: ModuleUse): WebAssembly.Module {
  const plainly = (): WebAssembly.Module => new WebAssembly.Module(bytes);
  const { offWhileCompiling, offForComparison } = v8Flags();
  if (offWhileCompiling.length === 0) return plainly();
  const off = use === "comparison" ? [...offWhileCompiling, ...offForComparison] : offWhileCompiling;
  const revectorize = use === "paired";
  return exclusively(() => {
    for (const name of off) setFlagsFromString(`--no-${name}`);
    if (revectorize) setFlagsFromString("--experimental-wasm-revectorize");
    try {
      return plainly();
    } finally {
      if (revectorize) setFlagsFromString("--no-experimental-wasm-revectorize");
      for (const name of off.toReversed()) setFlagsFromString(`--${name}`);
    }
  }, plainly);
}

const canShare = typeof SharedArrayBuffer !== "undefined";

/**
 * Starts a worker that serves the pool until it is stopped. It does not keep the process alive. Under Node's permission
 * model workers may be forbidden: the caller then does all the work.
 */
function startThread(start: ThreadStart): void {
  if (!(process.permission?.has("worker") ?? true)) return;
  const worker = new Worker(threadProgram, { workerData: start, execArgv: [], env: {} });
  // A process with few open files cannot start it: the caller does its work, too. Anything else is a fault.
  worker.on("error", (error) => {
    if ((error as NodeJS.ErrnoException).code !== "ERR_WORKER_INIT_FAILED") throw error;
  });
  worker.unref();
}

export const nodeHost: WasmHost = {
  kernelBytes: moduleBytes,
  prepare: () => setProcessFlags(v8Flags()),
  canRevectorize,
  compile,
  canShareMemory: canShare,
  processors,
  startThread,
};
