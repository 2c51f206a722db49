/** TopLabels in WebAssembly (wasm/assembly/top-labels.ts), rows on all threads; the logarithms are taken here. */
import { sizeOf } from "../../kernel.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { topLabels } from "./index.ts";

export function registerTopLabels(): void {
  define(topLabels, ({ machine, at, shapes, attrs: { count }, outputs }) => {
    const [rows, width] = shapes.x as readonly [number, number];
    const [labels, values, shifts] = outputs as readonly [number, number, number];
    machine.scratch(rows * 8, (sums) => {
      machine.run("topLabels", rows, machine.share(rows), [at("x"), width, count, labels, values, sums]);
      const logProbs = machine.floats(values, sizeOf([rows, count]));
      const shift = machine.floats(shifts, rows);
      for (const [t, sum] of machine.doubles(sums, rows).entries()) {
        shift[t] = logProbs[t * count]! + Math.log(sum);
        for (let i = t * count; i < (t + 1) * count; i++) logProbs[i] = logProbs[i]! - shift[t]!;
      }
    });
  });
}
