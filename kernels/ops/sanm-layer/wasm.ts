/**
 * SanmLayer in WebAssembly: the kernels of its parts on scratch memory, as one list of jobs. Query, key and value come out
 * of their joint matrix apart, sums are made where products are written, and what lies between the two products of the
 * feed-forward stays packed.
 */
import { attendPanels } from "../attention/wasm.ts";
import { computeFsmn } from "../fsmn/wasm.ts";
import { computeLayerNorm } from "../layer-norm/wasm.ts";
import type { Part } from "../../runtime/wasm/linear-many.ts";
import { multiply, multiplyThrough } from "../linear/wasm.ts";
import { pack } from "../../runtime/wasm/cache-panels.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import type { WasmCall } from "../../runtime/wasm/kernel.ts";
import type { WasmRuntime } from "../../runtime/wasm/machine.ts";
import { rowsOf } from "../../runtime/wasm/weights.ts";
import { sanmLayer } from "./index.ts";
import type { SanmLayerAttrs, SanmLayerInput, SanmMatrix, SanmNorm } from "./index.ts";

export function registerSanmLayer(): void {
  define(sanmLayer, (call) => call.machine.batch(() => layer(call)));
}

function layer(call: WasmCall<SanmLayerInput, SanmLayerAttrs>): void {
  const { backend, machine, inputs, attrs, shapes, at, outputs } = call;
  const { heads, eps } = attrs;
  const [rows, inSize] = shapes.x as readonly [number, number];
  const [size, taps] = shapes.memory as readonly [number, number];
  const x = at("x");
  const weights = (name: SanmMatrix): Omit<Part, "y"> => ({
    matrix: backend.matrix(inputs[name]!),
    bias: at(`${name}Bias`),
  });
  const norm = (from: number, to: number, width: number, name: SanmNorm): void =>
    computeLayerNorm(machine, from, to, rows, width, at(name), at(`${name}Bias`), eps);

  machine.scratchRows(rows, [inSize, size, size, size, size, size], (normed, q, k, v, memory, hidden) => {
    norm(x, normed!, inSize, "attentionNorm");
    apart(machine, normed!, rows, size, weights("queryKeyValue"), [q!, k!, v!]);
    attend(machine, q!, k!, v!, rows, size, heads);
    computeFsmn(machine, v!, at("memory"), memory!, rows, size, taps, (taps - 1) / 2);
    const output = { ...weights("output"), y: hidden! };
    multiply(machine, q!, rows, -Infinity, [output], inSize === size ? [memory!, x] : [memory!]);
    norm(hidden!, k!, size, "feedForwardNorm");
    multiplyThrough(machine, k!, rows, weights("up"), { ...weights("down"), y: outputs[0]! }, [hidden!]);
  });
}

/** Products with the equal parts of a joint matrix, each at a place of its own. */
function apart(
  machine: WasmRuntime,
  x: number,
  rows: number,
  size: number,
  { matrix, bias }: Omit<Part, "y">,
  to: readonly number[],
): void {
  if (size % 16 === 0) {
    const part = (y: number, i: number): Part => ({
      matrix: rowsOf(matrix, i * size, size),
      bias: bias + i * size * 4,
      y,
    });
    return multiply(machine, x, rows, -Infinity, to.map(part));
  }
  machine.scratchRows(rows, [matrix.rows], (joint) => {
    multiply(machine, x, rows, -Infinity, [{ matrix, bias, y: joint! }]);
    for (const [i, y] of to.entries()) {
      const bytes = size * 4;
      machine.run("copyRows", rows, machine.share(rows), [
        joint! + i * bytes,
        y,
        bytes,
        to.length * bytes,
        bytes,
      ]);
    }
  });
}

/** Attention of all rows to all, in place of the queries. */
function attend(
  machine: WasmRuntime,
  q: number,
  k: number,
  v: number,
  rows: number,
  size: number,
  heads: number,
): void {
  const headDim = size / heads;
  const shape = { capacity: rows, columns: size, headDim };
  const keys = pack(machine, { ...shape, layout: "keys" }, k, rows);
  const values = pack(machine, { ...shape, layout: "values" }, v, rows);
  const scale = headDim ** -0.5;
  attendPanels(machine, q, keys, values, q, rows, {
    heads,
    kvHeads: heads,
    scale,
    causal: false,
    length: rows,
  });
  machine.allocator.free(keys.address);
  machine.allocator.free(values.address);
}
