/** RmsNorm in WebAssembly, groups on all threads. */
import { define } from "../../runtime/wasm/kernel.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import { rmsNorm } from "./index.ts";

export function registerRmsNorm(): void {
  define(rmsNorm, ({ runtime, at, rows: rowsOf, attrs: { eps }, shapes, outputs: [y] }) => {
    const { address, rows, width: rowWidth } = rowsOf("x");
    const width = shapes.weight![0]!;
    const groups = { address, rows: (rows * rowWidth) / width, width };
    computeRmsNorm(runtime, groups, { weight: at("weight"), eps }, y!);
  });
}

/** Root mean square norm of each row of `x`. */
export function computeRmsNorm(
  runtime: WasmRuntime,
  { address: x, rows, width: size }: Rows,
  norm: { readonly weight: number; readonly eps: number },
  y: number,
): void {
  const grain = Math.max(runtime.share(rows), Math.ceil(16_384 / size));
  runtime.run("rmsNorm", rows, grain, { x, y, size, ...norm });
}
