/** RmsNorm in WebAssembly, groups on all threads. */
import { define } from "../../runtime/wasm/kernel.ts";
import { f32 } from "../../runtime/wasm/machine.ts";
import type { WasmRuntime } from "../../runtime/wasm/machine.ts";
import { rmsNorm } from "./index.ts";

export function registerRmsNorm(): void {
  define(rmsNorm, ({ machine, at, attrs: { eps }, shapes, outputs: [y], outputShapes: [shape] }) => {
    const [rows, width] = shape as readonly [number, number];
    const size = shapes.weight![0]!;
    normalize(machine, at("x"), y!, (rows * width) / size, size, at("weight"), eps);
  });
}

/** Root mean square norm of `groups` groups of `size` values. */
export function normalize(
  machine: WasmRuntime,
  x: number,
  y: number,
  groups: number,
  size: number,
  weight: number,
  eps: number,
): void {
  const grain = Math.max(machine.share(groups), Math.ceil(16_384 / size));
  machine.run("rmsNorm", groups, grain, [x, y, size, f32(eps), weight]);
}
