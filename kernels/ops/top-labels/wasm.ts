/** TopLabels in WebAssembly (runtime/wasm/assembly/top-labels.ts), rows on all threads; the logarithms are computed here. */
import { sizeOf } from "../../kernel.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { topLabels } from "./index.ts";

export function registerTopLabels(): void {
  define(topLabels, ({ runtime, rows: rowsOf, attrs: { count }, outputs }) => {
    const { address: x, rows, width } = rowsOf("x");
    const [labels, logits, shifts] = outputs as readonly [number, number, number];
    runtime.scratch(rows * 8, (sums) => {
      runtime.run("topLabels", rows, runtime.share(rows), { x, width, count, labels, logits, sums });
      const logProbs = runtime.floats(logits, sizeOf([rows, count]));
      const shift = runtime.floats(shifts, rows);
      for (const [t, sum] of runtime.doubles(sums, rows).entries()) {
        shift[t] = logProbs[t * count]! + Math.log(sum);
        for (let i = t * count; i < (t + 1) * count; i++) logProbs[i] = logProbs[i]! - shift[t]!;
      }
    });
  });
}
