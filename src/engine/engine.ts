/**
 * What computes: backends with the memory and the threads of one engine, and the jobs on them. Models that are loaded
 * with one engine share it; two engines share nothing but the turns (scheduler.ts).
 */
import type {
  BackendName,
  CompiledDecoder,
  DecoderCache,
  RecordableDecoder,
  StartedBackend,
} from "../../kernels/backend.ts";
import { startBackend } from "../../kernels/backends/index.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { EncodedTensor } from "../../kernels/weight-store.ts";
import { FunAsrError, RuntimeError, UsageError } from "../errors.ts";
import type { Tensor } from "../nn/ops.ts";
import { checkBackendChoice, defaultBackend, fixedPlacement } from "../nn/placement.ts";
import type { BackendChoice, Placement } from "../nn/placement.ts";
import { scheduler } from "./scheduler.ts";
import type { Job } from "./scheduler.ts";
import { Slots } from "./slots.ts";
import { checkNames } from "../options/check.ts";
import { orAborted } from "../platform/interruptible.ts";
import { optionNames } from "./options.ts";
import type { EngineOptions } from "./options.ts";

/** TensorFlow.js is loaded with the first backend: a program that imports the library need not compute anything. */
let tensorflowJs: typeof import("../../kernels/tensorflow-js.ts");

/** What a job needs around its turns. */
interface JobContext {
  readonly signal?: AbortSignal | undefined;
  /** Called at the start of each turn; throws where the job must end. */
  readonly check?: (() => void) | undefined;
  /** Installs state that models read from one place, such as hooks; other jobs never see it. */
  readonly enter?: (() => void) | undefined;
  readonly leave?: (() => void) | undefined;
}

/** Its memory and threads stay until it is disposed. */
export class Engine implements Disposable {
  readonly #options: EngineOptions;
  readonly #choice: BackendChoice;
  readonly #slots: Slots;
  readonly #starting = new Map<BackendName, Promise<StartedBackend>>();
  readonly #started: StartedBackend[] = [];
  #placement: Promise<Placement> | undefined;
  #disposed = false;

  /** Starts nothing yet. Throws `bad_option`. */
  constructor(options: EngineOptions = {}) {
    checkNames(options, optionNames);
    const { backend = defaultBackend(), concurrency = 8, threads } = options;
    checkBackendChoice(backend);
    checkCount("threads", threads);
    checkCount("concurrency", concurrency);
    this.#options = options;
    this.#choice = backend;
    this.#slots = new Slots(concurrency);
  }

  /** Where the parts of a model compute. Measures for `auto`, once, under a second; `signal` ends the wait for it. */
  placement(signal?: AbortSignal): Promise<Placement> {
    return orAborted((this.#placement ??= this.#place()), signal);
  }

  /**
   * Runs `work` with a backend as the current one, in turns with other jobs. Throws `disposed` once the engine is
   * disposed, `backend_unavailable`, and the signal's reason when aborted before it begins, also while the backend starts.
   */
  async run<Result>(
    name: BackendName,
    work: (backend: StartedBackend) => Promise<Result>,
    context: JobContext = {},
  ): Promise<Result> {
    this.#checkUsable();
    await this.#slots.acquire(context.signal);
    try {
      const job = new EngineJob(
        () => this.#start(name),
        () => {
          context.check?.();
          this.#checkUsable();
        },
        context,
      );
      return await scheduler.run(job, () => work(job.current));
    } finally {
      this.#slots.release();
      this.#close();
    }
  }

  /** Runs a part of a job on another backend. Tensors that it uses move there. */
  async runNested<Result>(
    name: BackendName,
    work: (backend: StartedBackend) => Promise<Result>,
  ): Promise<Result> {
    const job = scheduler.running;
    if (!(job instanceof EngineJob))
      throw new RuntimeError("internal", name, "a nested run outside of a job");
    const before = job.current;
    const backend = await this.#start(name);
    await job.use(backend);
    try {
      return await work(backend);
    } finally {
      await job.use(before);
    }
  }

  /** Stores a matrix in a backend's weight store. */
  async storeWeight(
    name: BackendName,
    source: EncodedTensor,
    signal?: AbortSignal,
  ): Promise<{ readonly tensor: Tensor; readonly format: Format }> {
    const { id, weights } = await orAborted(this.#start(name), signal);
    const { info, format } = await weights.load(source, signal);
    const { engine, findBackend } = tensorflowJs;
    return { tensor: engine().makeTensorFromTensorInfo(info, findBackend(id)), format };
  }

  /** See {@link StartedBackend.equalRows}. */
  async hasEqualRows(name: BackendName): Promise<boolean> {
    return (await this.#start(name)).equalRows;
  }

  /** The model's decoding as one call for many tokens; undefined where the backend has no faster way. */
  async compileDecoder<Cache extends DecoderCache>(
    name: BackendName,
    model: RecordableDecoder<Cache>,
    endIds: readonly number[],
  ): Promise<CompiledDecoder | undefined> {
    return (await this.#start(name)).compileDecoder?.(model, endIds);
  }

  /**
   * Frees memory and threads once the job that has a turn offers it; jobs that wait end with `disposed`. Models that were
   * loaded with the engine can be disposed before or after it, and do nothing else any more.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#slots.rejectWaiting(disposedError());
    this.#close();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #place(): Promise<Placement> {
    if (this.#choice !== "auto") return fixedPlacement(this.#choice);
    const { measurePlacement } = await import("../nn/benchmark.ts");
    return measurePlacement(this);
  }

  #start(name: BackendName): Promise<StartedBackend> {
    const known = this.#starting.get(name);
    if (known !== undefined) return known;
    const { threads, tensorflow, cpu } = this.#options;
    const given = { ...tensorflow, ...cpu };
    const options = threads === undefined ? given : { ...given, threads };
    const starting = Promise.all([
      startBackend(name, options),
      import("../../kernels/tensorflow-js.ts"),
    ]).then(
      ([backend, loaded]) => {
        tensorflowJs = loaded;
        this.#started.push(backend);
        this.#close(); // where nothing waited for it any more
        return backend;
      },
      (error: unknown) => {
        this.#starting.delete(name); // what is missing may be installed later
        throw error;
      },
    );
    this.#starting.set(name, starting);
    return starting;
  }

  #checkUsable(): void {
    if (this.#disposed) throw disposedError();
  }

  #close(): void {
    if (!this.#disposed || !this.#slots.isIdle) return;
    for (const backend of this.#started.splice(0)) backend.dispose();
  }
}

class EngineJob implements Job {
  readonly check: () => void;
  readonly #start: () => Promise<StartedBackend>;
  readonly #context: JobContext;
  #backend: StartedBackend | undefined;

  constructor(start: () => Promise<StartedBackend>, check: () => void, context: JobContext) {
    this.#start = start;
    this.check = check;
    this.#context = context;
  }

  /** The backend that the job computes on now. */
  get current(): StartedBackend {
    if (this.#backend === undefined)
      throw new RuntimeError("internal", "engine", "a job before its first turn");
    return this.#backend;
  }

  async enter(): Promise<void> {
    if (this.#backend === undefined) {
      const { signal } = this.#context;
      signal?.throwIfAborted();
      this.check();
      this.#backend = await orAborted(this.#start(), signal);
    }
    await activate(this.#backend);
    this.#context.enter?.();
  }

  leave(): void {
    this.#context.leave?.();
  }

  async use(backend: StartedBackend): Promise<void> {
    this.#backend = backend;
    await activate(backend);
  }
}

async function activate({ id, activate: prepare }: StartedBackend): Promise<void> {
  const { getBackend, setBackend } = tensorflowJs;
  if (getBackend() !== id && !(await setBackend(id))) {
    throw new RuntimeError("backend_unavailable", id, "TensorFlow.js could not start this backend");
  }
  prepare?.();
}

function checkCount(name: string, count: number | undefined): void {
  if (count === undefined || (Number.isInteger(count) && count > 0)) return;
  throw new UsageError("bad_option", name, String(count), { wanted: "an integer from 1" });
}

function disposedError(): FunAsrError {
  return new FunAsrError("disposed", "engine", "the engine was disposed");
}
