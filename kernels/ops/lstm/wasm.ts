/** Lstm in WebAssembly (runtime/wasm/assembly/lstm.ts): the weights are packed into panels for the call. */
import { define } from "../../runtime/wasm/kernel.ts";
import { lstm } from "./index.ts";

export function registerLstm(): void {
  define(lstm, ({ runtime, at, attrs: { reverse, lengths }, outputs: [y], outputShapes: [shape] }) => {
    const [frames, size] = shape as readonly [number, number];
    const [x, weight, bias] = [at("x"), at("weight"), at("bias")];
    const rows = 4 * size;
    const panels = Math.ceil(rows / 16);
    const panelBytes = panels * 64 * size;
    const scratchBytes = 4 * (2 * (size + 4) + panels * 16);
    runtime.scratch(panelBytes + scratchBytes, (weights) => {
      const packing = { source: weight, target: weights, rows, columns: size, valueBytes: 4, half: 0 };
      runtime.run("packFloat", panels, runtime.share(panels), packing);
      const scratch = weights + panelBytes;
      const common = { weights, bias, size, reverse: reverse ? 1 : 0, scratch };
      let first = 0;
      for (const length of lengths ?? [frames]) {
        const place = { x: x + 16 * first * size, y: y! + 4 * first * size, frames: length };
        runtime.run("lstm", 1, 1, { ...common, ...place });
        first += length;
      }
    });
  });
}
