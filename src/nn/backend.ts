/**
 * The one place that chooses a backend. TensorFlow.js has one current backend in a process, so work on it is queued:
 * two models, or two calls of one, never interleave.
 */
import { engine, getBackend, matMul, setBackend, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { backendOf, backends } from "../../kernels/backends/index.ts";
import type {
  BackendName,
  BackendOptions,
  CompiledDecoder,
  TensorflowOptions,
} from "../../kernels/backends/index.ts";
import { unpackRow } from "../../kernels/formats/index.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { DecoderCache, RecordableDecoder } from "../../kernels/runtime/tensorflow/graph/decoder.ts";
import { timeProducts } from "../../kernels/runtime/tensorflow/products.ts";
import type { Arithmetic } from "../../kernels/runtime/tensorflow/weights.ts";
import { describeTensorflow } from "../../kernels/backends/tensorflow.ts";
import type { EncodedTensor } from "../../kernels/weight-store.ts";
import { RuntimeError } from "../errors.ts";
import type { Tensor } from "./ops.ts";

export type { BackendName, CompiledDecoder, TensorflowOptions };

export const backendNames = Object.keys(backends) as BackendName[];

/** Chooses what a backend starts with; threads count from its first start on. */
export function configureBackend(name: BackendName, options: BackendOptions): void {
  backendOf(name).configure?.(options);
}

let queue: Promise<unknown> = Promise.resolve();

/** Runs `work` with `name` as the current backend, after all earlier work has ended. */
export function onBackend<Result>(name: BackendName, work: () => Promise<Result>): Promise<Result> {
  const turn = queue.then(async () => {
    await backendOf(name).register();
    if (!(await setBackend(name))) {
      throw new RuntimeError("backend_unavailable", name, "TensorFlow.js could not start this backend");
    }
    return work();
  });
  queue = turn.catch(() => undefined);
  return turn;
}

/** Runs a part of a turn on another backend. Tensors that it uses move there. */
export async function onBackendNested<Result>(
  name: BackendName,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = getBackend();
  if (name === before) return work();
  await backendOf(name).register();
  await setBackend(name);
  try {
    return await work();
  } finally {
    await setBackend(before);
  }
}

/** Hands a matrix to the backend's weight store. */
export async function storeWeight(
  name: BackendName,
  source: EncodedTensor,
  signal?: AbortSignal,
): Promise<{ tensor: Tensor; format: Format }> {
  const { info, format } = await backendOf(name).weights.load(source, signal);
  return { tensor: engine().makeTensorFromTensorInfo(info), format };
}

/** The model's decoding as one call for many tokens; undefined where the backend has no such thing to gain. */
export async function compileDecoder<Cache extends DecoderCache>(
  name: BackendName,
  model: RecordableDecoder<Cache>,
  endIds: readonly number[],
): Promise<CompiledDecoder | undefined> {
  return backendOf(name).compileDecoder?.(model, endIds);
}

/** Blocks of any format as float32. */
export function dequantize({ format, shape }: EncodedTensor, bytes: Uint8Array): Float32Array {
  const count = shape.reduce((product, length) => product * length, 1);
  const decoded = new Float32Array(count);
  unpackRow(format, bytes, 0, decoded, count);
  return decoded;
}

/** Tensors that TensorFlow.js counts as alive, for leak checks. */
export function liveTensors(): number {
  return engine().memory().numTensors;
}

/** Starts TensorFlow, multiplies two matrices on it and says what did so. Throws where the product is wrong. */
export async function setUpProof(): Promise<{ tensorflow: string; gpu: boolean; loadMilliseconds: number }> {
  const start = performance.now();
  return onBackend("tensorflow", async () => {
    const loadMilliseconds = Math.round(performance.now() - start);
    const product = tidy(() => matMul(tensor2d([[1, 2]]), tensor2d([[3], [4]])));
    const [value] = await product.data();
    product.dispose();
    if (value !== 11) {
      throw new RuntimeError("backend_unavailable", "tensorflow", `1·3 + 2·4 = ${value}`, { wanted: "11" });
    }
    return { ...describeTensorflow(), loadMilliseconds };
  });
}

/** Multiplications and additions per second of a product of two square matrices on `tensorflow`, timed in a row. */
export async function multiplySpeed(arithmetic: Arithmetic, size: number): Promise<number> {
  return onBackend("tensorflow", async () => timeProducts(arithmetic, size));
}
