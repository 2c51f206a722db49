/**
 * The kernels, compiled and instantiated on one memory, and the threads that run them.
 */
import { RuntimeError } from "../../../src/errors.ts";
import { Allocator } from "./allocator.ts";
import { kernelNames, tableIndex } from "./exports.ts";
import type { Direct, KernelName, PoolKernel } from "./exports.ts";
import {
  canRevectorize,
  canShare,
  compile,
  enableRelaxedSimd,
  kernelBytes,
  processors,
  startThread,
  unshared,
} from "./hosts/node.ts";
import { JobList, listAt, listWords } from "./job-list.ts";
import type { Recording } from "./job-list.ts";
import { agree } from "./self-test.ts";
import { Workspace } from "./workspace.ts";

export interface WasmOptions {
  /** Threads, the caller's included; default: as many as there are processors. */
  readonly threads?: number;
  /** Let V8 pair vector operations (Node 24 and later), if its results pass the self-test; default true. */
  readonly revectorize?: boolean;
  /** Use the 8-bit dot instruction where it is exact; default true. */
  readonly dot?: boolean;
  /** Keep values in shared memory; without it there is one thread. Default: where the platform allows it. */
  readonly shared?: boolean;
}

const pageBytes = 65_536;
/** Growing has a cost, so it is done in steps. */
const growthPages = 256;
const maximumPages = 65_536;

/** Addresses of assembly/layout.ts. */
const argumentsAt = 1792;
const argumentsLimit = 256;
const positionAt = 2560;
const firstFree = pageBytes;
/** Words of a listed copy. */
const copyWords = 9;

/** The bits of a float32, for an argument of that type. */
export function f32(value: number): number {
  floatBits[0] = value;
  return intBits[0]!;
}

const floatBits = new Float32Array(1);
const intBits = new Int32Array(floatBits.buffer);

export class WasmRuntime {
  readonly threads: number;
  /** What the relaxed dot product does here: 1 unsigned, 2 signed, 0 not to be used. */
  readonly dot: number;
  readonly revectorized: boolean;
  readonly allocator: Allocator;
  readonly #direct: Direct;
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: { readonly [name in KernelName]: PoolKernel };
  readonly #module: WebAssembly.Module;
  #bytes: Uint8Array;
  /** The arguments of the job. */
  #board: Int32Array;
  /** What positions of jobs count from. */
  #position: Int32Array;
  /** Jobs that are put off until a list of them is complete. */
  readonly #list: JobList;
  #listing = false;
  /** Are there jobs in the list that wait for somebody to look at the memory? */
  #waiting = false;
  /** Where scratch memory comes from while jobs are recorded. */
  readonly workspace: Workspace;
  #recording = false;
  #started = false;

  constructor({
    threads = processors(),
    revectorize = true,
    dot = true,
    shared = canShare,
  }: WasmOptions = {}) {
    const compiled = compileKernels(revectorize && canRevectorize(), shared);
    this.#module = compiled.module;
    this.revectorized = compiled.revectorized;
    this.threads = shared ? Math.max(1, Math.min(threads, 64)) : 1;
    this.#memory = new WebAssembly.Memory({ initial: growthPages, maximum: maximumPages, shared });
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#board = this.#words(argumentsAt, argumentsLimit / 4);
    this.#position = this.#words(positionAt, 1);
    this.#list = new JobList(this.#words(listAt, listWords));
    const exports = instantiate(this.#module, this.#memory);
    this.#direct = exports as unknown as Direct;
    this.#kernels = exports as unknown as { readonly [name in KernelName]: PoolKernel };
    this.#direct.initialize();
    this.dot = dot ? this.#direct.probe() : 0;
    this.allocator = new Allocator(firstFree, (end) => this.#grow(end));
    this.workspace = new Workspace(this.allocator);
  }

  /** Runs a kernel over `items` on all threads, at least `grain` per claim, or here if one claim would take them all. */
  run(name: KernelName, items: number, grain: number, args: readonly number[]): void {
    if (this.#listing) {
      if (this.#list.add(tableIndex[name], items, grain, args)) return;
      if (this.#recording) throw new RuntimeError("internal", "wasm", "too many jobs to be recorded");
      this.#runList(); // and this job after it
    }
    this.#catchUp();
    for (let i = 0; i < args.length; i++) this.#board[i] = args[i]!;
    if (this.threads === 1 || items <= grain) {
      this.#kernels[name](argumentsAt, 0, items, 0);
      return;
    }
    if (!this.#started) this.#start();
    this.#direct.run(tableIndex[name], items, grain, this.threads);
  }

  /**
   * The jobs that `work` asks for, run together when it ends, or earlier: it can count on nothing but their order. What
   * memory it gives back stays as it is until then.
   */
  batch(work: () => void): void {
    this.#catchUp();
    this.#listing = true;
    this.allocator.hold();
    try {
      work();
      this.#runList();
    } finally {
      this.#listing = false;
      this.#list.clear();
      this.allocator.letGo();
    }
  }

  /**
   * The jobs that `work` asks for, not run but kept. Their scratch memory is the workspace, whose version they are
   * bound to; `work` may be called twice.
   */
  capture(work: () => void): Recording {
    this.#catchUp();
    this.#listing = this.#recording = true;
    try {
      do {
        this.#list.clear();
        work();
      } while (!this.workspace.settle());
      return this.#list.copy();
    } finally {
      this.#listing = this.#recording = false;
      this.#list.clear();
    }
  }

  /**
   * Runs recorded jobs, with `position` added to all their positions, on `bytes` bytes copied from `x` to `input`, and
   * copies as many from `output` to `y`. Not at once: layer after layer is put off until somebody looks at the memory or
   * asks for another job, so that no JavaScript lies between them.
   */
  replay(
    { jobs, input, output }: { readonly jobs: Recording; readonly input: number; readonly output: number },
    position: number,
    bytes: number,
    x: number,
    y: number,
  ): void {
    const fits = this.#list.hasRoom(jobs.words.length + 2 * copyWords);
    if (!fits || this.#position[0] !== position) this.#catchUp();
    this.#waiting = true;
    this.#position[0] = position;
    this.#copyLater(x, input, bytes);
    this.#list.append(jobs);
    this.#copyLater(output, y, bytes);
  }

  /** Items of the smallest claims: a thread's even share divided by `claims`. */
  share(items: number, claims = 4): number {
    return Math.max(1, Math.ceil(items / (this.threads * claims)));
  }

  /** Functions that run here and now. */
  get direct(): Direct {
    this.#catchUp();
    return this.#direct;
  }

  /** The memory as bytes. Views are made anew, for the memory grows. */
  get bytes(): Uint8Array {
    this.#catchUp();
    return this.#bytes;
  }

  floats(address: number, length: number): Float32Array {
    this.#catchUp();
    return new Float32Array(this.#memory.buffer, address, length);
  }

  doubles(address: number, length: number): Float64Array {
    this.#catchUp();
    return new Float64Array(this.#memory.buffer, address, length);
  }

  ints(address: number, length: number): Int32Array {
    this.#catchUp();
    return this.#words(address, length);
  }

  /** Memory for the duration of `work`. */
  scratch<Result>(bytes: number, work: (address: number) => Result): Result {
    if (this.#recording) return this.workspace.take(bytes, work);
    const address = this.allocator.allocate(bytes);
    try {
      return work(address);
    } finally {
      this.allocator.free(address);
    }
  }

  /** Memory for matrices of `rows` rows, by their widths, for the duration of `work`. */
  scratchRows(rows: number, widths: readonly number[], work: (...addresses: number[]) => void): void {
    // 64 bytes lie between two of them: tails of rows are read as whole vectors.
    const sizes = widths.map((width) => Math.ceil((rows * width * 4) / 64) * 64 + 64);
    this.scratch(
      sizes.reduce((sum, size) => sum + size, 0),
      (start) => {
        let end = start;
        work(...sizes.map((size) => (end += size) - size));
      },
    );
  }

  /** Ends the threads. */
  stop(): void {
    this.#direct.stop();
  }

  #runList(): void {
    if (!this.#started && this.threads > 1) this.#start();
    this.#direct.runList(this.#list.jobs, this.threads);
    this.#list.clear();
  }

  /** Runs what was put off. */
  #catchUp(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    try {
      this.#runList();
    } finally {
      this.#list.clear();
      this.#position[0] = 0;
    }
  }

  #copyLater(from: number, to: number, bytes: number): void {
    this.#list.add(tableIndex.copyRows, 1, 1, [from, to, bytes, bytes, bytes]);
  }

  #words(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  #start(): void {
    this.#started = true;
    for (let thread = 1; thread < this.threads; thread++) {
      startThread({ module: this.#module, memory: this.#memory, kernels: kernelNames, thread });
    }
  }

  #grow(end: number): void {
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / pageBytes);
    if (missing <= 0) return;
    const pages = this.#memory.buffer.byteLength / pageBytes;
    const step = Math.min(Math.max(missing, growthPages), maximumPages - pages);
    if (step < missing) throw outOfMemory(end, "WebAssembly addresses 4 GiB");
    try {
      this.#memory.grow(step);
    } catch (cause) {
      throw outOfMemory(end, "the system has no more", cause);
    }
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#board = this.#words(argumentsAt, argumentsLimit / 4);
    this.#position = this.#words(positionAt, 1);
    this.#list.words = this.#words(listAt, listWords);
  }
}

function outOfMemory(bytes: number, why: string, cause?: unknown): RuntimeError {
  return new RuntimeError("out_of_memory", "wasm memory", `${bytes} bytes are not to be had: ${why}`, {
    remedy: "Use a smaller or quantized model, or cut the audio into shorter pieces",
    cause,
  });
}

function compileKernels(
  revectorize: boolean,
  shared: boolean,
): { module: WebAssembly.Module; revectorized: boolean } {
  enableRelaxedSimd();
  const found = (file: string): Uint8Array<ArrayBuffer> | undefined => {
    const bytes = kernelBytes(file);
    return bytes === undefined || shared ? bytes : unshared(bytes);
  };
  const relaxed = found("kernels.wasm");
  const bytes =
    relaxed !== undefined && WebAssembly.validate(relaxed) ? relaxed : found("kernels-plain.wasm");
  if (bytes === undefined) {
    throw new RuntimeError("backend_unavailable", "wasm", "the kernels have not been compiled", {
      remedy: "Run npm run build",
    });
  }
  const module = compile(bytes, false);
  const paired = found("kernels-paired.wasm");
  if (revectorize && bytes === relaxed && paired !== undefined) {
    const faster = compile(paired, true);
    if (agree([module, faster], instantiate, shared)) return { module: faster, revectorized: true };
  }
  return { module, revectorized: false };
}

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Exports {
  const table = new WebAssembly.Table({ initial: kernelNames.length + 1, element: "anyfunc" });
  const abort = (): never => {
    throw new RuntimeError("internal", "wasm", "a kernel aborted");
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table, abort } });
  for (const [i, name] of kernelNames.entries()) table.set(i + 1, exports[name]);
  return exports;
}
