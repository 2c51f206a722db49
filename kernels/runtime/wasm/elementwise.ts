/** Kernels that treat each value alone, over runs of values on all threads. */
import type { KernelName } from "./structs/index.ts";
import type { WasmRuntime } from "./runtime.ts";

/** Values of an item: RUN of assembly/elementwise.ts. */
const runLength = 1024;
/** Least number of items per claim: for fewer, waking a thread costs more than it saves. */
const minRuns = 8;

interface Operands {
  readonly a: number;
  /** Of swiglu and add. */
  readonly b?: number;
  readonly y: number;
  /** Number of values. */
  readonly size: number;
  /** Second operand of scale and atLeast. */
  readonly number?: number;
}

export function elementwise(
  runtime: WasmRuntime,
  kernel: KernelName & ("swiglu" | "add" | "scale" | "atLeast"),
  { a, b = 0, y, size, number = 0 }: Operands,
): void {
  const runs = Math.ceil(size / runLength);
  runtime.run(kernel, runs, Math.max(runtime.share(runs), minRuns), { a, b, y, size, number });
}
