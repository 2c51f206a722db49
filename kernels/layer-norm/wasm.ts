/** LayerNorm in WebAssembly, rows on all threads. */
import { define } from "../wasm/kernel.ts";
import { f32 } from "../wasm/machine.ts";
import { layerNorm } from "./index.ts";

export function registerLayerNorm(): void {
  define(layerNorm, ({ machine, at, attrs: { eps }, outputs: [y], outputShapes: [shape] }) => {
    const [rows, size] = shape as readonly [number, number];
    const args = [at("x"), y!, size, f32(eps), at("weight"), at("bias")];
    machine.run("layerNorm", rows, machine.share(rows), args);
  });
}
