/** Rope in WebAssembly, rows on all threads. */
import { anglesAt } from "../../runtime/wasm/angles.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { rope } from "./index.ts";

export function registerRope(): void {
  define(rope, ({ runtime, rows: rowsOf, attrs, outputs: [y] }) => {
    const { address: x, rows, width } = rowsOf("x");
    const { headDim } = attrs;
    const angles = anglesAt(runtime, attrs, rows);
    const args = { x, y: y!, heads: width / headDim, headDim, eps: 0, weight: 0, angles };
    runtime.run("normRope", rows, runtime.share(rows), args);
  });
}
