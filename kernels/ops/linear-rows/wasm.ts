/** LinearRows in WebAssembly: the rows are copied into a small matrix of the same layout, which is multiplied with. */
import { multiply } from "../linear/wasm.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import type { WasmRuntime } from "../../runtime/wasm/machine.ts";
import { copyOfRows } from "../../runtime/wasm/weights.ts";
import { linearRows } from "./index.ts";

export function registerLinearRows(): void {
  define(linearRows, ({ backend, machine, inputs, at, shapes, attrs: { ids }, outputs: [y] }) => {
    const matrix = copyOfRows(machine, backend.matrix(inputs.weight!), ids);
    try {
      const [frames] = shapes.x as readonly [number, number];
      const run = (bias: number): void =>
        multiply(machine, at("x"), frames, -Infinity, [{ matrix, bias, y: y! }]);
      if (inputs.bias === undefined) run(0);
      else withBias(machine, at("bias"), ids, run);
    } finally {
      for (const address of matrix.owned) machine.allocator.free(address);
    }
  });
}

function withBias(
  machine: WasmRuntime,
  bias: number,
  ids: readonly number[],
  run: (bias: number) => void,
): void {
  machine.scratch(ids.length * 4, (address) => {
    const chosen = machine.floats(address, ids.length);
    for (const [i, id] of ids.entries()) chosen[i] = machine.floats(bias + id * 4, 1)[0]!;
    run(address);
  });
}
