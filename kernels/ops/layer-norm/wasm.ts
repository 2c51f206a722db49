/** LayerNorm in WebAssembly, rows on all threads. */
import { define } from "../../runtime/wasm/kernel.ts";
import type { Norm } from "../../runtime/wasm/gemm.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import { layerNorm } from "./index.ts";

export function registerLayerNorm(): void {
  define(layerNorm, ({ runtime, at, rows, attrs: { eps }, outputs: [y] }) => {
    computeLayerNorm(runtime, rows("x"), { weight: at("weight"), bias: at("bias"), eps }, y!);
  });
}

/** LayerNorm of each row of `x`. */
export function computeLayerNorm(
  runtime: WasmRuntime,
  { address: x, rows, width: size }: Rows,
  norm: Norm,
  y: number,
): void {
  runtime.run("layerNorm", rows, runtime.share(rows), { x, y, size, ...norm });
}
