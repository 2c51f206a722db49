/** GetRows in WebAssembly: decodes single rows of a packed matrix. */
import { flipOf, floatKinds, wideOf } from "../../runtime/wasm/weights.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { getRows } from "./index.ts";

export function registerGetRows(): void {
  define(getRows, ({ backend, machine, inputs, attrs: { ids }, outputs: [y] }) => {
    const { direct } = machine;
    const { kind, weights, scales, columns } = backend.matrix(inputs.table!);
    for (const [i, id] of ids.entries()) {
      const to = y! + i * columns * 4;
      if (kind === "q8")
        direct.unpackQ8Row(weights, scales, id, columns / 32, flipOf(machine), wideOf(machine), to);
      else direct.unpackFloatRow(weights, id, columns, floatKinds[kind], to);
    }
  });
}
