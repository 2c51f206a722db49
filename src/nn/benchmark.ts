/** What a backend can do, measured on the two products that models are made of. */
import { storeWeight, onBackend } from "./backend.ts";
import type { BackendName } from "./backend.ts";
import { dispose, run, tensor, values } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import { linear } from "../../kernels/ops/linear/index.ts";
import { byteLength } from "../../kernels/formats/table.ts";

export interface Probe {
  /** Operations per second where many rows share the weights: [500, 512] with [2048, 512]. */
  readonly encoder: number;
  /** Seconds for one row, [1, 1024] with [3072, 1024], where reading the weights is all. */
  readonly decoder: number;
}

/** Takes well under a second but for `cpu`, which gets less to do. */
export function probe(name: BackendName): Promise<Probe> {
  const rows = name === "cpu" ? 8 : 500;
  return onBackend(name, async () => ({
    encoder: (2 * rows * 512 * 2048) / (await time(name, rows, 512, 2048)),
    decoder: await time(name, 1, 1024, 3072),
  }));
}

/** Seconds of the best of five products with a Q8_0 matrix. */
async function time(name: BackendName, rows: number, columns: number, size: number): Promise<number> {
  const bytes = byteLength("Q8_0", size * columns);
  const { tensor: weight, format } = await storeWeight(name, {
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
    const start = performance.now();
    const y: Tensor = run(linear, { x, weight0: weight }, attrs);
    await values(y);
    best = Math.min(best, (performance.now() - start) / 1000);
    dispose(y);
  }
  dispose([x, weight]);
  return best;
}
