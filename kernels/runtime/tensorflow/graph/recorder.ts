/**
 * A backend that records instead of computing: its tensors are values of a graph, its kernels the same compositions that
 * run eagerly on `tensorflow`. A model that runs on it once is recorded. Its weights are in the memory of `tensorflow`,
 * and become variables of the graph.
 */
import {
  KernelBackend,
  engine,
  findBackend,
  getBackend,
  registerBackend,
  setBackend,
} from "../../../tensorflow-js.ts";
import type { BackendValues, DataType, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { RuntimeError } from "../../../../src/errors.ts";
import { register, sizeOf } from "../../../kernel.ts";
import type { KernelFunction } from "../../../kernel.ts";
import { EagerOps } from "../eager.ts";
import { registeredCompositions } from "../kernel.ts";
import type { TensorValue } from "../op-builder.ts";
import { backendName as nativeName } from "../native.ts";
import type { NativeBackend } from "../native.ts";
import type { GraphOps } from "./graph-ops.ts";
import type { GraphValue } from "./values.ts";
import type { WeightTable } from "./weight-table.ts";

const recorderName = "tensorflow-graph";

class Recorder extends KernelBackend {
  ops: GraphOps | undefined;
  weights: WeightTable | undefined;
  /** While set, new tensors are states of the graph: its arguments, or zeros at its start. */
  states: "given" | "zero" | undefined;
  readonly #values = new Map<object, GraphValue>();

  /** A tensor that stands for a value. */
  tensor(value: GraphValue): Tensor {
    return engine().makeTensorFromTensorInfo(this.adopt(value));
  }

  adopt(value: GraphValue): TensorInfo {
    const dataId = {};
    this.#values.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: "float32" };
  }

  symbol(info: TensorInfo): GraphValue {
    const known = this.#values.get(info.dataId);
    if (known !== undefined) return known;
    const native = findBackend(nativeName) as NativeBackend;
    return this.weights!.captured(this.ops!, info.dataId, new EagerOps(native).input(info));
  }

  override write(values: BackendValues | null, shape: number[], dtype: DataType): object {
    const numbers = (values ?? new Float32Array(sizeOf(shape))) as Float32Array;
    if (dtype !== "float32") throw this.#unable(`a tensor of ${dtype}`);
    const ops = this.ops!;
    return this.adopt(
      this.states === undefined ? ops.constant(numbers, shape) : ops.state(shape, this.states === "given"),
    ).dataId;
  }

  override move(): void {
    throw this.#unable("a tensor of another backend as a value");
  }

  override readSync(): never {
    throw this.#unable("reading a value");
  }

  override disposeData(dataId: object): boolean {
    this.#values.delete(dataId);
    return true;
  }

  override refCount(): number {
    return 1;
  }

  override incRef(): void {}

  override numDataIds(): number {
    return 0; // the engine's leak checks do not count values of a graph
  }

  override floatPrecision(): 32 {
    return 32;
  }

  #unable(what: string): RuntimeError {
    return new RuntimeError("unknown_kernel", recorderName, what, { wanted: "a model that can be recorded" });
  }
}

/** Runs `work` with the recorder as the backend, recording into `ops`. */
export async function record<Result>(
  ops: GraphOps,
  weights: WeightTable,
  work: (recorder: Recorder) => Promise<Result>,
): Promise<Result> {
  const recorder = start();
  const before = getBackend();
  recorder.ops = ops;
  recorder.weights = weights;
  await setBackend(recorderName);
  try {
    return await work(recorder);
  } finally {
    recorder.ops = undefined;
    recorder.weights = undefined;
    await setBackend(before);
  }
}

function start(): Recorder {
  const known = findBackend(recorderName) as Recorder | null;
  if (known !== null) return known;
  registerBackend(recorderName, () => new Recorder());
  for (const { definition, compose } of registeredCompositions()) {
    register<Recorder>(definition.name, recorderName, ({ inputs, attrs, backend }) => {
      const values: { [name: string]: TensorValue } = {};
      for (const [name, info] of Object.entries(inputs)) {
        if (info !== undefined) values[name] = backend.symbol(info);
      }
      const results = compose(backend.ops!, values, attrs);
      const infos = results.map((value) => backend.adopt(value as GraphValue));
      return infos.length === 1 ? infos[0]! : infos;
    });
  }
  register<Recorder>("Add", recorderName, add);
  register<Recorder>("Slice", recorderName, slice);
  return findBackend(recorderName) as Recorder;
}

const add: KernelFunction<Recorder> = ({ inputs, backend }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  return backend.adopt(backend.ops!.add(backend.symbol(a), backend.symbol(b)) as GraphValue);
};

const slice: KernelFunction<Recorder> = ({ inputs, attrs, backend }) => {
  const { x } = inputs as { x: TensorInfo };
  const { begin, size } = attrs as unknown as { begin: number[]; size: number[] };
  return backend.adopt(backend.ops!.slice(backend.symbol(x), begin, size) as GraphValue);
};
