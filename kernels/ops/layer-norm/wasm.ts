/** LayerNorm in WebAssembly, rows on all threads. */
import { define } from "../../runtime/wasm/kernel.ts";
import { f32 } from "../../runtime/wasm/machine.ts";
import type { WasmRuntime } from "../../runtime/wasm/machine.ts";
import { layerNorm } from "./index.ts";

export function registerLayerNorm(): void {
  define(layerNorm, ({ machine, at, attrs: { eps }, outputs: [y], outputShapes: [shape] }) => {
    const [rows, size] = shape as readonly [number, number];
    computeLayerNorm(machine, at("x"), y!, rows, size, at("weight"), at("bias"), eps);
  });
}

/** LayerNorm of `rows` rows at `x`. */
export function computeLayerNorm(
  machine: WasmRuntime,
  x: number,
  y: number,
  rows: number,
  size: number,
  weight: number,
  bias: number,
  eps: number,
): void {
  machine.run("layerNorm", rows, machine.share(rows), [x, y, size, f32(eps), weight, bias]);
}
