/**
 * What the WebAssembly kernels need of a platform. All functions are synchronous: a platform that loads files
 * asynchronously awaits the bytes of the modules before it makes its host.
 */

export interface WasmHost {
  /** The bytes of a compiled module by file name, or undefined where the package was not built. */
  kernelBytes(file: string): Uint8Array<ArrayBuffer> | undefined;
  /** Called before the first module is validated or compiled, to enable features of the engine. */
  prepare(): void;
  /** True if the engine can pair 128-bit operations into 256-bit ones, and `compile` can ask for it. */
  canRevectorize(): boolean;
  /** Compiles a module with the optimizing compiler where the platform lets us choose. */
  compile(bytes: Uint8Array<ArrayBuffer>, use: ModuleUse): WebAssembly.Module;
  /** True if memory can be shared with threads; browsers allow it to cross-origin isolated pages only. */
  readonly canShareMemory: boolean;
  /** Default number of threads, the caller's included. */
  processors(): number;
  /** Starts a thread that serves the pool until it is stopped and does not keep the process alive. It may start late, or never. */
  startThread(start: ThreadStart): void;
}

/**
 * What a module is compiled for: to be used; to be used, with pairs of 128-bit operations as 256-bit ones; or to be compared
 * with such a module, once.
 */
export type ModuleUse = "usual" | "paired" | "comparison";

/** What a thread needs to join the pool. It must survive a structured clone. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  /** Shared. */
  readonly memory: WebAssembly.Memory;
  /** Exports that go into the function table, from index 1 on. */
  readonly kernels: readonly string[];
  /** From 1 on; 0 is the caller. */
  readonly thread: number;
}
