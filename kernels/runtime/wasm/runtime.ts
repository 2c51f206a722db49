/** Runs compiled kernels on one memory, on all threads: at once, in batches, or recorded to be replayed. */
import { RuntimeError } from "../../../src/errors.ts";
import type { Allocator } from "./allocator.ts";
import { writeArguments } from "./arguments.ts";
import { compileKernels, instantiate } from "./compile-kernels.ts";
import type { Direct, KernelExports } from "./exports.ts";
import type { WasmHost } from "./hosts/host.ts";
import { JobList, copyWords } from "./job-list.ts";
import type { Recording } from "./job-list.ts";
import { argumentWords, layout, listWords } from "./layout.ts";
import { KernelMemory } from "./memory.ts";
import type { WasmOptions } from "./options.ts";
import { q8Arithmetic } from "./q8-arithmetic.ts";
import type { Q8Arithmetic } from "./q8-arithmetic.ts";
import type { Rows } from "./rows.ts";
import { kernelNames, tableIndex } from "./structs/index.ts";
import type { KernelArguments, KernelName } from "./structs/index.ts";
import { Workspace } from "./workspace.ts";

const maxThreads = 64;

export class WasmRuntime {
  readonly threads: number;
  readonly revectorized: boolean;
  readonly q8: Q8Arithmetic;
  readonly allocator: Allocator;
  /** Scratch memory of recorded jobs. */
  readonly workspace: Workspace;
  readonly #host: WasmHost;
  readonly #module: WebAssembly.Module;
  readonly #memory: KernelMemory;
  readonly #exports: KernelExports;
  /** The arguments of a job that is not in the list. */
  #arguments: Int32Array;
  /** Offset that kernels add to positions. */
  #position: Int32Array;
  /** Jobs that are not run yet. */
  readonly #list: JobList;
  #isListing = false;
  #isRecording = false;
  /** True while replayed jobs are in the list: they run when the memory is read or another job is run. */
  #isPending = false;
  #isStarted = false;

  /** Throws `backend_unavailable` where the kernels have not been built. */
  constructor(
    host: WasmHost,
    {
      threads = host.processors(),
      revectorize = true,
      dot = true,
      shared = host.canShareMemory,
    }: WasmOptions = {},
  ) {
    this.#host = host;
    const compiled = compileKernels(host, revectorize, shared);
    this.#module = compiled.module;
    this.revectorized = compiled.revectorized;
    this.threads = shared ? Math.max(1, Math.min(threads, maxThreads)) : 1;
    this.#memory = new KernelMemory(shared, () => this.#renewViews());
    this.allocator = this.#memory.allocator;
    this.workspace = new Workspace(this.allocator);
    this.#arguments = this.#memory.words(layout.ARGUMENTS, argumentWords);
    this.#position = this.#memory.words(layout.POSITION, 1);
    this.#list = new JobList(this.#memory.words(layout.LIST, listWords));
    this.#exports = instantiate(this.#module, this.#memory.memory);
    this.#exports.initialize();
    this.q8 = q8Arithmetic(dot ? this.#exports.probe() : 0);
  }

  /**
   * Runs a kernel over `items`. Threads claim at least `grain` items at a time; if one claim would take them all, the
   * caller's thread computes them alone.
   */
  run<Name extends KernelName>(name: Name, items: number, grain: number, args: KernelArguments<Name>): void {
    if (this.#isListing) {
      if (this.#list.add(name, items, grain, args)) return;
      if (this.#isRecording) throw new RuntimeError("internal", "wasm", "too many jobs to be recorded");
      this.#runList(); // and this job after it
    }
    this.#finishPending();
    writeArguments(name, args, this.#arguments, 0);
    if (this.threads === 1 || items <= grain) {
      this.#exports[name](layout.ARGUMENTS, 0, items, 0);
      return;
    }
    this.#startThreads();
    this.#exports.run(tableIndex[name], items, grain, this.threads);
  }

  /**
   * Collects the jobs that `work` runs, and runs them when it ends, or earlier if the list is full. `work` can rely on
   * their order only. Memory that it frees is not reused before they have run.
   */
  batch(work: () => void): void {
    this.#finishPending();
    this.#isListing = true;
    this.allocator.hold();
    try {
      work();
      this.#runList();
    } finally {
      this.#isListing = false;
      this.#list.clear();
      this.allocator.letGo();
    }
  }

  /**
   * Records the jobs that `work` runs, without running them. Their scratch memory is the workspace: the recording is valid
   * for its present version only. `work` may be called twice.
   */
  capture(work: () => void): Recording {
    this.#finishPending();
    this.#isListing = this.#isRecording = true;
    try {
      do {
        this.#list.clear();
        work();
      } while (!this.workspace.settle());
      return this.#list.copy();
    } finally {
      this.#isListing = this.#isRecording = false;
      this.#list.clear();
    }
  }

  /**
   * Runs recorded jobs with `position` added to all their positions: copies `bytes` bytes from `x` to their `input`, and
   * afterwards as many from their `output` to `y`. The jobs are pending until the memory is read or another job is run, so
   * that the layers of a step become one call into WebAssembly.
   */
  replay(
    { jobs, input, output }: { readonly jobs: Recording; readonly input: number; readonly output: number },
    position: number,
    bytes: number,
    x: number,
    y: number,
  ): void {
    const fits = this.#list.hasRoom(jobs.words.length + 2 * copyWords);
    if (!fits || this.#position[0] !== position) this.#finishPending();
    this.#isPending = true;
    this.#position[0] = position;
    this.#addCopy(x, input, bytes);
    this.#list.append(jobs);
    this.#addCopy(output, y, bytes);
  }

  /** The grain for `items`: a thread's even share divided by `claims`. */
  share(items: number, claims = 4): number {
    return Math.max(1, Math.ceil(items / (this.threads * claims)));
  }

  /** Functions with plain arguments, which run on the caller's thread at once. */
  get direct(): Direct {
    this.#finishPending();
    return this.#exports;
  }

  /** The whole memory. Views become invalid when it grows. */
  get bytes(): Uint8Array {
    this.#finishPending();
    return this.#memory.bytes;
  }

  floats(address: number, length: number): Float32Array {
    this.#finishPending();
    return this.#memory.floats(address, length);
  }

  doubles(address: number, length: number): Float64Array {
    this.#finishPending();
    return this.#memory.doubles(address, length);
  }

  ints(address: number, length: number): Int32Array {
    this.#finishPending();
    return this.#memory.words(address, length);
  }

  /** Memory for the duration of `work`. */
  scratch<Result>(bytes: number, work: (address: number) => Result): Result {
    if (this.#isRecording) return this.workspace.take(bytes, work);
    const address = this.allocator.allocate(bytes);
    try {
      return work(address);
    } finally {
      this.allocator.free(address);
    }
  }

  /** Matrices of `rows` rows with these widths, for the duration of `work`. */
  scratchRows<const Widths extends readonly number[]>(
    rows: number,
    widths: Widths,
    work: (...matrices: { readonly [index in keyof Widths]: Rows }) => void,
  ): void {
    // Tails of rows are read as whole vectors, so 64 bytes lie between two matrices.
    const sizes = widths.map((width) => Math.ceil((rows * width * 4) / 64) * 64 + 64);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    this.scratch(total, (start) => {
      let end = start;
      const matrices = widths.map((width, i): Rows => {
        const address = end;
        end += sizes[i]!;
        return { address, rows, width };
      });
      work(...(matrices as unknown as { readonly [index in keyof Widths]: Rows }));
    });
  }

  /** Ends the threads. */
  stop(): void {
    this.#exports.stop();
  }

  #runList(): void {
    this.#startThreads();
    this.#exports.runList(this.#list.jobs, this.threads);
    this.#list.clear();
  }

  #finishPending(): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    try {
      this.#runList();
    } finally {
      this.#list.clear();
      this.#position[0] = 0;
    }
  }

  #addCopy(from: number, to: number, bytes: number): void {
    this.#list.add("copyRows", 1, 1, { from, to, bytes, fromStride: bytes, toStride: bytes });
  }

  #startThreads(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const start = { module: this.#module, memory: this.#memory.memory, kernels: kernelNames };
    for (let thread = 1; thread < this.threads; thread++) this.#host.startThread({ ...start, thread });
  }

  #renewViews(): void {
    this.#arguments = this.#memory.words(layout.ARGUMENTS, argumentWords);
    this.#position = this.#memory.words(layout.POSITION, 1);
    this.#list.words = this.#memory.words(layout.LIST, listWords);
  }
}
