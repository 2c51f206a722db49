/** QkNormRope in WebAssembly, rows on all threads. */
import { anglesAt } from "../../runtime/wasm/angles.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { f32 } from "../../runtime/wasm/machine.ts";
import type { WasmRuntime } from "../../runtime/wasm/machine.ts";
import { qkNormRope } from "./index.ts";
import type { QkNormRopeAttrs } from "./index.ts";

export function registerQkNormRope(): void {
  define(qkNormRope, ({ machine, at, attrs, outputs: [y], outputShapes: [shape] }) => {
    const [rows, width] = shape as readonly [number, number];
    normAndTurn(machine, at("x"), y!, rows, width, at("weight"), attrs);
  });
}

/** Norm and rotation of `rows` rows of heads; y may be x. */
export function normAndTurn(
  machine: WasmRuntime,
  x: number,
  y: number,
  rows: number,
  width: number,
  weight: number,
  attrs: QkNormRopeAttrs,
): void {
  const { headDim, eps } = attrs;
  const angles = anglesAt(machine, attrs, rows);
  const args = [x, y, width / headDim, headDim, f32(eps), weight, angles];
  machine.run("normRope", rows, Math.max(machine.share(rows), Math.ceil(8192 / width)), args);
}
