/** Lstm in WebAssembly (runtime/wasm/assembly/lstm.ts): the weights are packed into panels for the call. */
import { define } from "../../runtime/wasm/kernel.ts";
import { lstm } from "./index.ts";

export function registerLstm(): void {
  define(lstm, ({ runtime, at, attrs: { reverse }, outputs: [y], outputShapes: [shape] }) => {
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
      const args = { x, weights, bias, y: y!, frames, size, reverse: reverse ? 1 : 0, scratch };
      runtime.run("lstm", 1, 1, args);
    });
  });
}
