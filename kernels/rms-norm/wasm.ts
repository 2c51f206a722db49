/** RmsNorm in WebAssembly, groups on all threads. */
import { define } from "../wasm/kernel.ts";
import { f32 } from "../wasm/machine.ts";
import { rmsNorm } from "./index.ts";

export function registerRmsNorm(): void {
  define(rmsNorm, ({ machine, at, attrs: { eps }, shapes, outputs: [y], outputShapes: [shape] }) => {
    const [rows, width] = shape as readonly [number, number];
    const size = shapes.weight![0]!;
    const groups = (rows * width) / size;
    machine.run("rmsNorm", groups, Math.max(machine.share(groups), Math.ceil(16_384 / size)), [
      at("x"),
      y!,
      size,
      f32(eps),
      at("weight"),
    ]);
  });
}
