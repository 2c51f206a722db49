/** GetRows in WebAssembly: decodes single rows of a packed matrix. */
import { define } from "../../runtime/wasm/kernel.ts";
import { floatKinds } from "../../runtime/wasm/packed-matrix.ts";
import { getRows } from "./index.ts";

export function registerGetRows(): void {
  define(getRows, ({ backend, runtime, inputs, attrs: { ids }, outputs: [y] }) => {
    const { direct } = runtime;
    const { int16, signFlip } = runtime.q8;
    const { kind, weights, scales, columns } = backend.matrix(inputs.table!);
    for (const [i, id] of ids.entries()) {
      const to = y! + i * columns * 4;
      if (kind === "q8") direct.unpackQ8Row(weights, scales, id, columns / 32, signFlip, int16, to);
      else direct.unpackFloatRow(weights, id, columns, floatKinds[kind], to);
    }
  });
}
