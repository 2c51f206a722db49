/** The speed of backends, measured on the two kinds of products that models are made of. */
import type { BackendName, StartedBackend } from "../../kernels/backend.ts";
import { byteLength } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { linear } from "../../kernels/ops/linear/index.ts";
import type { EncodedTensor } from "../../kernels/weight-store.ts";
import { offerTurn } from "../platform/turns.ts";
import { dispose, run, tensor, values } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import { fixedPlacement } from "./placement.ts";
import type { Placement } from "./placement.ts";

/** What is measured: an engine. */
interface Measurable {
  run<Result>(
    name: BackendName,
    work: (backend: StartedBackend) => Promise<Result>,
    context?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Result>;
  storeWeight(
    name: BackendName,
    source: EncodedTensor,
  ): Promise<{ readonly tensor: Tensor; readonly format: Format }>;
}

export interface Probe {
  /** Operations per second where many rows share the weights: [500, 512] with [2048, 512]. */
  readonly encoder: number;
  /** Seconds for one row, [1, 1024] with [3072, 1024]: the time to read the weights. */
  readonly decoder: number;
}

/** Takes well under a second; `cpu`, which is slow, multiplies fewer rows. Throws the signal's reason, between two products. */
export function probe(engine: Measurable, name: BackendName, signal?: AbortSignal): Promise<Probe> {
  const rows = name === "cpu" ? 8 : 500;
  const measure = async (): Promise<Probe> => ({
    encoder: (2 * rows * 512 * 2048) / (await time(engine, name, [rows, 512, 2048], signal)),
    decoder: await time(engine, name, [1, 1024, 3072], signal),
  });
  return engine.run(name, measure, { signal });
}

/** The placement that is fastest here: a GPU where TensorFlow has one, otherwise the one with the fastest products. */
export async function measurePlacement(engine: Measurable): Promise<Placement> {
  const onGpu = await engine
    .run("tensorflow", async ({ library }) => library?.gpu ?? false)
    .catch(() => undefined); // TensorFlow is not set up
  if (onGpu === undefined) return fixedPlacement("wasm");
  if (onGpu) return fixedPlacement("tensorflow");
  const [wasm, tensorflow] = [await probe(engine, "wasm"), await probe(engine, "tensorflow")];
  return {
    backend: tensorflow.encoder > wasm.encoder ? "tensorflow" : "wasm",
    llm: tensorflow.decoder < wasm.decoder ? "tensorflow" : "wasm",
  };
}

/** Seconds of the best of five products of a matrix [rows, columns] with one of Q8_0, [size, columns]. */
async function time(
  engine: Measurable,
  name: BackendName,
  [rows, columns, size]: readonly [number, number, number],
  signal: AbortSignal | undefined,
): Promise<number> {
  const bytes = byteLength("Q8_0", size * columns);
  const { tensor: weight, format } = await engine.storeWeight(name, {
    name: "probe",
    shape: [size, columns],
    format: "Q8_0",
    byteLength: bytes,
    read: async (target) => void target.fill(0x11),
  });
  const x = tensor(new Float32Array(rows * columns).fill(0.5), [rows, columns]);
  const attrs = { formats: [format], outFeatures: [size], inFeatures: columns, activation: "none" };
  let best = Infinity;
  for (let i = 0; i < 5; i++) {
    await offerTurn();
    signal?.throwIfAborted();
    const start = performance.now();
    const y: Tensor = run(linear, { x, weight0: weight }, attrs);
    await values(y);
    best = Math.min(best, (performance.now() - start) / 1000);
    dispose(y);
  }
  dispose([x, weight]);
  return best;
}
