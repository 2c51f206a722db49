/** The kernels' host on Node: V8 flags, files of compiled modules, worker threads. */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { exclusively, sharesLock } from "./compile-lock.ts";
import type { ThreadStart, WasmHost } from "./host.ts";
import { candidate, decide, needsLock, noFlags } from "./v8-flags.ts";
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
  const wanted = decision === "probe" ? candidate : decision;
  if (needsLock(wanted) && !sharesLock) return noFlags;
  if (decision !== "probe") return decision;
  const modules = ["kernels.wasm", "kernels-paired.wasm"].map((file) => kernelBytes(file));
  if (!modules.every((bytes) => bytes !== undefined)) return noFlags;
  const { execPath, versions } = process;
  const probe = { flags: candidate, modules, execPath, v8: versions.v8, cache: answersFolder() };
  return isSafe(probe) ? candidate : noFlags;
}

/** Sets the flags that this V8 needs always: relaxed SIMD on Node 20. */
function enableRelaxedSimd(): void {
  for (const flag of v8Flags().always) setFlagsFromString(flag);
}

/** True if this V8 can pair 128-bit operations into 256-bit ones, and is faster with it. */
function canRevectorize(): boolean {
  return v8Flags().revectorize;
}

/** Compiles with the flags that are safe on this V8, and restores them, because they apply to the whole process. */
function compile(bytes: Uint8Array<ArrayBuffer>, revectorize: boolean): WebAssembly.Module {
  const plainly = (): WebAssembly.Module => new WebAssembly.Module(bytes);
  const { offWhileCompiling } = v8Flags();
  if (offWhileCompiling.length === 0) return plainly();
  return exclusively(() => {
    for (const name of offWhileCompiling) setFlagsFromString(`--no-${name}`);
    if (revectorize) setFlagsFromString("--experimental-wasm-revectorize");
    try {
      return plainly();
    } finally {
      if (revectorize) setFlagsFromString("--no-experimental-wasm-revectorize");
      for (const name of offWhileCompiling.toReversed()) setFlagsFromString(`--${name}`);
    }
  }, plainly);
}

const canShare = typeof SharedArrayBuffer !== "undefined";

/** The bytes of a kernel module, or undefined where the package was not built. */
function kernelBytes(file: string): Uint8Array<ArrayBuffer> | undefined {
  // One folder up once compiled; in the output folder when this file runs as TypeScript.
  const places = [
    new URL(`../${file}`, import.meta.url),
    new URL(`../../../../dist/kernels/runtime/wasm/${file}`, import.meta.url),
  ];
  const found = places.find((url) => existsSync(url));
  return found === undefined ? undefined : new Uint8Array(readFileSync(found));
}

/**
 * Starts a worker that serves the pool until it is stopped. It does not keep the process alive. Under Node's permission
 * model workers may be forbidden: the caller then does all the work.
 */
function startThread(start: ThreadStart): void {
  if (!(process.permission?.has("worker") ?? true)) return;
  // Plain JavaScript: Node 20 runs no TypeScript in a worker, and the build copies the file to the same relative place.
  const program = new URL("./node-thread.mjs", import.meta.url);
  const worker = new Worker(program, { workerData: start, execArgv: [], env: {} });
  worker.unref();
}

export const nodeHost: WasmHost = {
  kernelBytes,
  prepare: enableRelaxedSimd,
  canRevectorize,
  compile,
  canShareMemory: canShare,
  processors,
  startThread,
};
