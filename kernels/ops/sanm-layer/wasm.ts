/**
 * SanmLayer in WebAssembly: the kernels of its parts on scratch memory, as one list of jobs. The fused matrix gives query,
 * key and value as separate results, residuals are added where products are written, and the intermediate values of the
 * feed-forward stay packed.
 */
import { attendPanels } from "../attention/wasm.ts";
import { computeFsmn } from "../fsmn/wasm.ts";
import { multiply, multiplyTwice } from "../linear/wasm.ts";
import { pack } from "../../runtime/wasm/cache-panels.ts";
import type { Norm, Product, Weights } from "../../runtime/wasm/gemm.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import type { WasmCall } from "../../runtime/wasm/kernel.ts";
import { rowsOf } from "../../runtime/wasm/packed-matrix.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import { sanmLayer } from "./index.ts";
import type { SanmLayerAttrs, SanmLayerInput, SanmMatrix, SanmNorm } from "./index.ts";

export function registerSanmLayer(): void {
  define(sanmLayer, (call) => call.runtime.batch(() => runLayer(call)));
}

function runLayer(call: WasmCall<SanmLayerInput, SanmLayerAttrs>): void {
  const { backend, runtime, inputs, attrs, shapes, at, outputs } = call;
  const { heads, eps } = attrs;
  const [size, taps] = shapes.memory as readonly [number, number];
  const x = call.rows("x");
  const weights = (name: SanmMatrix): Weights => ({
    matrix: backend.matrix(inputs[name]!),
    bias: at(`${name}Bias`),
  });
  const norm = (name: SanmNorm): Norm => ({ weight: at(name), bias: at(`${name}Bias`), eps });

  const widths = [size, size, size, size, size] as const;
  runtime.scratchRows(x.rows, widths, (q, k, v, memory, hidden) => {
    multiplyFused(runtime, x, norm("attentionNorm"), weights("queryKeyValue"), [q, k, v]);
    attend(runtime, q, k, v, heads);
    computeFsmn(runtime, v, { address: at("memory"), taps, left: (taps - 1) / 2 }, memory.address);
    const output = { ...weights("output"), y: hidden.address };
    const isResidual = x.width === size;
    multiply(runtime, q, -Infinity, [output], isResidual ? [memory.address, x.address] : [memory.address]);
    const down = { ...weights("down"), y: outputs[0]! };
    multiplyTwice(runtime, hidden, norm("feedForwardNorm"), weights("up"), down, [hidden.address]);
  });
}

/** Products with the equal parts of a fused matrix, each to its own matrix. */
function multiplyFused(
  runtime: WasmRuntime,
  x: Rows,
  norm: Norm,
  { matrix, bias }: Weights,
  to: readonly [Rows, ...Rows[]],
): void {
  const size = to[0].width;
  if (size % 16 === 0) {
    const product = ({ address: y }: Rows, i: number): Product => ({
      matrix: rowsOf(matrix, i * size, size),
      bias: bias + i * size * 4,
      y,
    });
    return multiply(runtime, x, -Infinity, to.map(product), [], norm);
  }
  runtime.scratchRows(x.rows, [matrix.rows], (fused) => {
    multiply(runtime, x, -Infinity, [{ matrix, bias, y: fused.address }], [], norm);
    const bytes = size * 4;
    for (const [i, { address }] of to.entries()) {
      runtime.run("copyRows", x.rows, runtime.share(x.rows), {
        from: fused.address + i * bytes,
        to: address,
        bytes,
        fromStride: to.length * bytes,
        toStride: bytes,
      });
    }
  });
}

/** Attention of all rows to all, written over the queries. */
function attend(runtime: WasmRuntime, q: Rows, k: Rows, v: Rows, heads: number): void {
  const { rows: length, width: columns } = q;
  const headDim = columns / heads;
  const shape = { capacity: length, columns, headDim };
  const keys = pack(runtime, { ...shape, layout: "keys" }, k.address, length);
  const values = pack(runtime, { ...shape, layout: "values" }, v.address, length);
  const attrs = { heads, kvHeads: heads, scale: headDim ** -0.5, causal: false, length };
  attendPanels(runtime, q, keys, values, q.address, attrs);
  runtime.allocator.free(keys.address);
  runtime.allocator.free(values.address);
}
