/**
 * The one place that chooses a backend. TensorFlow.js has one current backend in a process, so work on it is queued:
 * two models, or two calls of one, never interleave.
 */
import { engine, setBackend } from "@tensorflow/tfjs-core";
import { backendOf, backends } from "../../kernels/backends.ts";
import type { BackendName, BackendOptions } from "../../kernels/backends.ts";
import { unpackRow } from "../../kernels/formats/index.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { WeightSource } from "../../kernels/weight-store.ts";
import { RuntimeError } from "../errors.ts";
import type { Tensor } from "./ops.ts";

export type { BackendName };

export const backendNames = Object.keys(backends) as BackendName[];

/** Chooses how many threads a backend starts with; later calls change nothing. */
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

/** Hands a matrix to the backend's weight store. */
export async function adoptWeight(
  name: BackendName,
  source: WeightSource,
  signal?: AbortSignal,
): Promise<{ tensor: Tensor; format: Format }> {
  const { info, format } = await backendOf(name).weights.load(source, signal);
  return { tensor: engine().makeTensorFromTensorInfo(info), format };
}

/** Blocks of any format as float32. */
export function decode({ format, shape }: WeightSource, bytes: Uint8Array): Float32Array {
  const count = shape.reduce((product, length) => product * length, 1);
  const decoded = new Float32Array(count);
  unpackRow(format, bytes, 0, decoded, count);
  return decoded;
}

/** Tensors that TensorFlow.js counts as alive, for leak checks. */
export function liveTensors(): number {
  return engine().memory().numTensors;
}
