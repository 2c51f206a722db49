/** Lstm in WebAssembly (wasm/assembly/lstm.ts): the weights are put into panels for the call. */
import { define } from "../../runtime/wasm/kernel.ts";
import { lstm } from "./index.ts";

export function registerLstm(): void {
  define(lstm, ({ machine, at, attrs: { reverse }, outputs: [y], outputShapes: [shape] }) => {
    const [frames, size] = shape as readonly [number, number];
    const [x, weight, bias] = [at("x"), at("weight"), at("bias")];
    const panels = Math.ceil((4 * size) / 16);
    const panelBytes = panels * 64 * size;
    const scratchBytes = 4 * (2 * (size + 4) + panels * 16);
    machine.scratch(panelBytes + scratchBytes, (packed) => {
      machine.run("packFloat", panels, machine.share(panels), [weight, packed, 4 * size, size, 4, 0]);
      const args = [x, packed, bias, y!, frames, size, reverse ? 1 : 0, packed + panelBytes];
      machine.run("lstm", 1, 1, args);
    });
  });
}
