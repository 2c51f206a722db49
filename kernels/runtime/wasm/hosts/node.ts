/**
 * What the backend needs of Node: V8 switches, the compiled kernels, threads. Everything here is private to the
 * platform; another one is another file like this.
 */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";

const nodeMajor = Number(process.versions.node.split(".")[0]);

/** Threads that are worth having. */
export function processors(): number {
  return availableParallelism();
}

/** Turns relaxed SIMD on where it hides behind a switch (Node 20). */
export function enableRelaxedSimd(): void {
  if (nodeMajor < 22) setFlagsFromString("--experimental-wasm-relaxed-simd");
}

/** Does this V8 know how to pair 128-bit operations into 256-bit ones, and gain by it? */
export const canRevectorize = nodeMajor >= 24;

/**
 * Compiles with the optimizing compiler only, at once: otherwise the first calls of every kernel run at a fraction of
 * its speed. The switches are those of the process, so they are put back.
 */
export function compile(bytes: Uint8Array<ArrayBuffer>, revectorize: boolean): WebAssembly.Module {
  const flags = ["liftoff", "wasm-lazy-compilation"];
  for (const flag of flags) setFlagsFromString(`--no-${flag}`);
  if (revectorize) setFlagsFromString("--experimental-wasm-revectorize");
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    for (const flag of flags) setFlagsFromString(`--${flag}`);
    if (revectorize) setFlagsFromString("--no-experimental-wasm-revectorize");
  }
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

/** Starts a worker that serves the pool until it is stopped. It does not keep the process alive. */
export function startThread(start: ThreadStart): void {
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
