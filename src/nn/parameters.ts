/**
 * The tensors that a model asks for. Building a model only records them, so that everything that is missing, surplus
 * or of the wrong shape is reported at once, before a byte of weights is read; then all are read in file order.
 */
import { tensor as makeTensor, dispose } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import { dequantize } from "./backend.ts";
import { RuntimeError, TensorsError } from "../errors.ts";
import type { TensorProblem } from "../errors.ts";
import type { Checkpoint, TensorEntry } from "../checkpoints/checkpoint.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { sizeOf } from "../../kernels/kernel.ts";
import type { EncodedTensor } from "../../kernels/weight-store.ts";

/**
 * How a tensor is used: numbers for any kernel, or a matrix that only Linear and GetRows read. A kernel of a convolution,
 * [out, in, taps], is a matrix of rows [in · taps].
 */
type Role = "values" | "matrix";

/** A weight that is, or will be, in the backend's memory. */
export class Parameter {
  readonly path: string;
  readonly shape: readonly number[];
  readonly role: Role;
  #loaded: { tensor: Tensor; format: Format } | undefined;

  constructor(path: string, shape: readonly number[], role: Role) {
    this.path = path;
    this.shape = shape;
    this.role = role;
  }

  get rows(): number {
    return this.shape[0]!;
  }

  /** Length of a row, whatever its dimensions. */
  get columns(): number {
    return sizeOf(this.shape.slice(1));
  }

  get tensor(): Tensor {
    return this.#get().tensor;
  }

  /** The format, as the kernels' attributes need it; F32 for plain values. */
  get format(): Format {
    return this.#get().format;
  }

  /** Sets the tensor, which the parameter frees. */
  set(tensor: Tensor, format: Format): void {
    this.#loaded = { tensor, format };
  }

  dispose(): void {
    if (this.#loaded !== undefined) dispose(this.#loaded.tensor);
    this.#loaded = undefined;
  }

  #get(): { tensor: Tensor; format: Format } {
    if (this.#loaded === undefined) throw new RuntimeError("disposed", this.path, "the weight is not loaded");
    return this.#loaded;
  }
}

export interface LoadProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Puts a matrix into the memory of the backend that computes with it. */
export type StoreWeight = (
  source: EncodedTensor,
  signal?: AbortSignal,
) => Promise<{ readonly tensor: Tensor; readonly format: Format }>;

export class Parameters {
  readonly #checkpoint: Checkpoint;
  readonly #requested = new Map<string, Parameter>();
  readonly #ignored = new Set<string>();
  readonly #ignoredPrefixes = new Set<string>();
  readonly #problems: TensorProblem[] = [];

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint;
  }

  has(path: string): boolean {
    return this.#checkpoint.tensors.has(path);
  }

  /** As the checkpoint has it. */
  shapeOf(path: string): readonly number[] | undefined {
    return this.#checkpoint.tensors.get(path)?.shape;
  }

  /**
   * Records the need for a tensor; a second request of the same path gets the same parameter. Throws `internal` for one
   * of another shape or role.
   */
  request(path: string, shape: readonly number[], role: Role): Parameter {
    const known = this.#requested.get(path);
    if (known !== undefined) {
      const repeats = known.role === role && sameShape(known.shape, shape);
      if (repeats) return known;
      throw new RuntimeError("internal", path, `a second request, for ${role} [${shape.join(", ")}]`, {
        wanted: `${known.role} [${known.shape.join(", ")}], as in the first`,
      });
    }

    const parameter = new Parameter(path, shape, role);
    this.#requested.set(path, parameter);
    const entry = this.#checkpoint.tensors.get(path);
    if (entry === undefined) {
      this.#problems.push({ name: path, problem: `missing, wanted [${shape.join(", ")}]` });
    } else if (!sameShape(entry.shape, shape)) {
      this.#problems.push({
        name: path,
        problem: `is [${entry.shape.join(", ")}], wanted [${shape.join(", ")}]`,
      });
    }
    return parameter;
  }

  /** Allows the checkpoint a tensor that the model never reads. */
  ignore(path: string): void {
    this.#ignored.add(path);
  }

  /** Allows the checkpoint tensors below a path that the model never reads. */
  ignoreBelow(path: string): void {
    this.#ignoredPrefixes.add(`${path}.`);
  }

  /** All requests, in the model's order. */
  get requests(): readonly Parameter[] {
    return [...this.#requested.values()];
  }

  /** Throws `bad_tensors` with the complete list of what is missing, misshaped, or present without a use. */
  check(): void {
    const surplus = [...this.#checkpoint.tensors.keys()]
      .filter((name) => !this.#requested.has(name) && !this.#isIgnored(name))
      .map((name) => ({ name, problem: "the model has no place for it" }));
    const problems = [...this.#problems, ...surplus];
    if (problems.length > 0) throw new TensorsError(this.#checkpoint.source, problems);
  }

  /**
   * Reads every requested tensor, with `betweenTensors` awaited before each. On failure or abort, nothing stays in memory.
   */
  async load(
    store: StoreWeight,
    betweenTensors: () => Promise<void>,
    progress?: (done: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const wanted = [...this.#checkpoint.tensors.values()].filter((entry) => this.#requested.has(entry.name));
    const totalBytes = wanted.reduce((sum, entry) => sum + entry.byteLength, 0);
    let doneBytes = 0;
    try {
      for (const entry of wanted) {
        await betweenTensors();
        signal?.throwIfAborted();
        await loadOne(entry, this.#requested.get(entry.name)!, store, signal);
        doneBytes += entry.byteLength;
        progress?.({ doneBytes, totalBytes });
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  #isIgnored(name: string): boolean {
    return this.#ignored.has(name) || [...this.#ignoredPrefixes].some((prefix) => name.startsWith(prefix));
  }

  dispose(): void {
    for (const parameter of this.#requested.values()) parameter.dispose();
  }
}

async function loadOne(
  entry: TensorEntry,
  into: Parameter,
  store: StoreWeight,
  signal?: AbortSignal,
): Promise<void> {
  if (into.role === "matrix") {
    const source = {
      name: entry.name,
      shape: [into.rows, into.columns],
      format: entry.format,
      byteLength: entry.byteLength,
      read: (target: Uint8Array, abort?: AbortSignal) => entry.read(target, abort),
      readRange: entry.readRange?.bind(entry),
    };
    const { tensor, format } = await store(source, signal);
    into.set(tensor, format);
    return;
  }
  const bytes = new Uint8Array(entry.byteLength);
  await entry.read(bytes, signal);
  into.set(makeTensor(dequantize(entry, bytes), entry.shape), "F32");
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, i) => length === b[i]);
}
