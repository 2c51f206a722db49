/** Rope in WebAssembly, rows on all threads. */
import { anglesAt } from "../../runtime/wasm/angles.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { rope } from "./index.ts";

export function registerRope(): void {
  define(rope, ({ machine, at, attrs, outputs: [y], outputShapes: [shape] }) => {
    const [rows, width] = shape as readonly [number, number];
    const angles = anglesAt(machine, attrs, rows);
    machine.run("normRope", rows, machine.share(rows), [
      at("x"),
      y!,
      width / attrs.headDim,
      attrs.headDim,
      0,
      0,
      angles,
    ]);
  });
}
