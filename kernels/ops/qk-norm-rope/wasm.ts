/** QkNormRope in WebAssembly, rows on all threads. */
import { anglesAt } from "../../runtime/wasm/angles.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import { qkNormRope } from "./index.ts";
import type { QkNormRopeAttrs } from "./index.ts";

export function registerQkNormRope(): void {
  define(qkNormRope, ({ runtime, at, rows, attrs, outputs: [y] }) => {
    computeQkNormRope(runtime, rows("x"), at("weight"), attrs, y!);
  });
}

/** Norm and rotation of each head of each row; `y` may be the address of `x`. */
export function computeQkNormRope(
  runtime: WasmRuntime,
  { address: x, rows, width }: Rows,
  weight: number,
  attrs: QkNormRopeAttrs,
  y: number,
): void {
  const { headDim, eps } = attrs;
  const angles = anglesAt(runtime, attrs, rows);
  const grain = Math.max(runtime.share(rows), Math.ceil(8192 / width));
  runtime.run("normRope", rows, grain, { x, y, heads: width / headDim, headDim, eps, weight, angles });
}
