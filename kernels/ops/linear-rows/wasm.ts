/** LinearRows in WebAssembly: copies the rows into a small matrix of the same layout, and multiplies by it. */
import { multiply } from "../linear/wasm.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { copyOfRows } from "../../runtime/wasm/packed-matrix.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import { linearRows } from "./index.ts";

export function registerLinearRows(): void {
  define(linearRows, ({ backend, runtime, inputs, at, rows, attrs: { ids }, outputs: [y] }) => {
    const matrix = copyOfRows(runtime, backend.matrix(inputs.weight!), ids);
    try {
      const run = (bias: number): void => multiply(runtime, rows("x"), -Infinity, [{ matrix, bias, y: y! }]);
      if (inputs.bias === undefined) run(0);
      else withBias(runtime, at("bias"), ids, run);
    } finally {
      for (const address of matrix.owned) runtime.allocator.free(address);
    }
  });
}

/** Runs `run` with the address of the selected values of a bias. */
function withBias(
  runtime: WasmRuntime,
  bias: number,
  ids: readonly number[],
  run: (bias: number) => void,
): void {
  runtime.scratch(ids.length * 4, (address) => {
    const selected = runtime.floats(address, ids.length);
    for (const [i, id] of ids.entries()) selected[i] = runtime.floats(bias + id * 4, 1)[0]!;
    run(address);
  });
}
