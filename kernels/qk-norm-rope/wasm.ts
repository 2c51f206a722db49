/** QkNormRope in WebAssembly, rows on all threads. */
import { anglesAt } from "../wasm/angles.ts";
import { define } from "../wasm/kernel.ts";
import { f32 } from "../wasm/machine.ts";
import { qkNormRope } from "./index.ts";

export function registerQkNormRope(): void {
  define(qkNormRope, ({ machine, at, attrs, outputs: [y], outputShapes: [shape] }) => {
    const { headDim, eps } = attrs;
    const [rows, width] = shape as readonly [number, number];
    const angles = anglesAt(machine, attrs, rows);
    const args = [at("x"), y!, width / headDim, headDim, f32(eps), at("weight"), angles];
    machine.run("normRope", rows, Math.max(machine.share(rows), Math.ceil(8192 / width)), args);
  });
}
