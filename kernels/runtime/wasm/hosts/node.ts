/**
 * What the backend needs of Node: V8 switches, the compiled kernels, threads. Everything here is private to the
 * platform; another one is another file like this.
 */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { exclusively, sharesLock } from "./compile-lock.ts";
import { candidate, decide, needsLock, noFlags } from "./v8-flags.ts";
import type { V8Flags } from "./v8-flags.ts";
import { answersFolder, isSafe } from "./v8-probe.ts";

/** Threads that are worth having. */
export function processors(): number {
  return availableParallelism();
}

let chosenFlags: V8Flags | undefined;

/** The switches of this process's V8. */
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

/** Turns relaxed SIMD on where it hides behind a switch (Node 20). */
export function enableRelaxedSimd(): void {
  for (const flag of v8Flags().always) setFlagsFromString(flag);
}

/** Does this V8 know how to pair 128-bit operations into 256-bit ones, and gain by it? */
export function canRevectorize(): boolean {
  return v8Flags().revectorize;
}

/** Compiles with the switches that are safe on this V8. They are those of the process, so they are put back. */
export function compile(bytes: Uint8Array<ArrayBuffer>, revectorize: boolean): WebAssembly.Module {
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

/** May memory be shared with threads? Browsers allow it to isolated pages only. */
export const canShare = typeof SharedArrayBuffer !== "undefined";

/** The same module for a memory that is its own: that is one bit of the import. Only `run` and `serve` need another. */
export function unshared(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  const limits = Buffer.from(copy.buffer).indexOf("\u0006memory\u0002\u0003", 0, "latin1") + 8;
  copy[limits] = 1; // a maximum; 2 would be: shared
  return copy;
}

/** The bytes of a kernel module, or undefined where the package was not built. */
export function kernelBytes(file: string): Uint8Array<ArrayBuffer> | undefined {
  // One folder up once compiled; in the output folder when this file runs as TypeScript.
  const places = [
    new URL(`../${file}`, import.meta.url),
    new URL(`../../../../dist/kernels/runtime/wasm/${file}`, import.meta.url),
  ];
  const found = places.find((url) => existsSync(url));
  return found === undefined ? undefined : new Uint8Array(readFileSync(found));
}

/** What a thread needs to join the pool. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Exports that go into the table, from index 1 on. */
  readonly kernels: readonly string[];
  readonly thread: number;
}

/**
 * Starts a worker that serves the pool until it is stopped. It does not keep the process alive. Under Node's permission
 * model workers may be forbidden: the caller then does all the work.
 */
export function startThread(start: ThreadStart): void {
  if (!(process.permission?.has("worker") ?? true)) return;
  // The worker's program as text: the same file cannot be imported from TypeScript and from the build alike.
  const program = `(${serve.toString()})(require("node:worker_threads").workerData)`;
  const worker = new Worker(program, { eval: true, workerData: start, execArgv: [], env: {} });
  worker.unref();
}

/** Runs in the worker; uses nothing from outside. */
function serve({ module, memory, kernels, thread }: ThreadStart): void {
  const table = new WebAssembly.Table({ initial: kernels.length + 1, element: "anyfunc" });
  const abort = (): void => undefined;
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table, abort } });
  for (let i = 0; i < kernels.length; i++) table.set(i + 1, exports[kernels[i] as string]);
  (exports["serve"] as (thread: number) => void)(thread);
}
