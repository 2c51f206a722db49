/** Kernels that treat each value alone, over runs of values on all threads. */
import { f32 } from "./machine.ts";
import type { KernelName } from "./exports.ts";
import type { WasmRuntime } from "./machine.ts";

/** Values of an item, RUN of assembly/rows.ts. */
const runLength = 1024;
/** Less work than this per claim is not worth waking anyone. */
const leastRuns = 8;

export function elementwise(
  machine: WasmRuntime,
  kernel: KernelName & ("swiglu" | "add" | "scale" | "atLeast"),
  a: number,
  b: number,
  y: number,
  size: number,
  number = 0,
): void {
  const runs = Math.ceil(size / runLength);
  machine.run(kernel, runs, Math.max(machine.share(runs), leastRuns), [a, b, y, size, f32(number)]);
}
