/**
 * SanmLayer in WebAssembly: the kernels of its parts on scratch memory, as lists of jobs. The fused matrix gives query,
 * key and value as separate results, residuals are added where products are written, and the intermediate values of the
 * feed-forward stay packed. Before and after attention a strip of frames goes through all steps before the next one does:
 * what only the strip needs is in memory that the strip before has used, and so in the caches.
 */
import { attendPanels } from "../attention/wasm.ts";
import { computeFsmnRows, withTransposed } from "../fsmn/wasm.ts";
import { multiply, multiplyTwice } from "../linear/wasm.ts";
import { emptyPanels, packRows } from "../../runtime/wasm/cache-panels.ts";
import type { CachePanels } from "../../runtime/wasm/cache-panels.ts";
import { stripFrames } from "../../runtime/wasm/gemm.ts";
import type { Addends, Norm, Product, Weights } from "../../runtime/wasm/gemm.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import type { WasmCall } from "../../runtime/wasm/kernel.ts";
import { rowsOf } from "../../runtime/wasm/packed-matrix.ts";
import { rowsFrom } from "../../runtime/wasm/rows.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import { sanmLayer } from "./index.ts";
import type { SanmLayerAttrs, SanmLayerInput, SanmMatrix, SanmNorm } from "./index.ts";

export function registerSanmLayer(): void {
  define(sanmLayer, runLayer);
}

function runLayer(call: WasmCall<SanmLayerInput, SanmLayerAttrs>): void {
  const { backend, runtime, inputs, attrs, shapes, at, outputs } = call;
  const { heads, eps } = attrs;
  const [size, taps] = shapes.memory as readonly [number, number];
  const x = call.rows("x");
  const y: Rows = { address: outputs[0]!, rows: x.rows, width: size };
  const weights = (name: SanmMatrix): Weights => ({
    matrix: backend.matrix(inputs[name]!),
    bias: at(`${name}Bias`),
  });
  const norm = (name: SanmNorm): Norm => ({ weight: at(name), bias: at(`${name}Bias`), eps });
  const filter = { address: at("memory"), taps, left: (taps - 1) / 2 };

  runtime.scratchRows(x.rows, [size, size], (q, v) =>
    runtime.scratchRows(Math.min(x.rows, stripFrames), [size, size], (first, second) =>
      withTransposed(runtime, size, filter, (kernel) => {
        withPanels(runtime, x.rows, size, size / heads, (keys, values) => {
          forEachStrip(runtime, x.rows, (frame, rows) => {
            const k = rowsFrom(first, 0, rows);
            const ofStrip = rowsFrom(v, frame, rows);
            const to = [rowsFrom(q, frame, rows), k, ofStrip] as const;
            const input = rowsFrom(x, frame, rows);
            multiplyFused(runtime, input, norm("attentionNorm"), weights("queryKeyValue"), to);
            packRows(runtime, keys, k, frame);
            packRows(runtime, values, ofStrip, frame);
          });
          const scale = (size / heads) ** -0.5;
          const form = { heads, kvHeads: heads, scale, causal: false, length: x.rows };
          attendPanels(runtime, q, keys, values, q.address, form); // written over the queries
        });
        forEachStrip(runtime, x.rows, (frame, rows) => {
          const [memory, hidden] = [rowsFrom(first, 0, rows), rowsFrom(second, 0, rows)];
          computeFsmnRows(runtime, v, kernel, frame, memory);
          const output = { ...weights("output"), y: hidden.address };
          const addends: Addends =
            x.width === size ? [memory.address, rowsFrom(x, frame, rows).address] : [memory.address];
          multiply(runtime, rowsFrom(q, frame, rows), -Infinity, [output], addends);
          const down = { ...weights("down"), y: rowsFrom(y, frame, rows).address };
          multiplyTwice(runtime, hidden, norm("feedForwardNorm"), weights("up"), down, [hidden.address]);
        });
      }),
    ),
  );
}

/** The jobs of each strip are a list: scratch memory of the last one is free again. */
function forEachStrip(
  runtime: WasmRuntime,
  frames: number,
  work: (frame: number, count: number) => void,
): void {
  for (let frame = 0; frame < frames; frame += stripFrames)
    runtime.batch(() => work(frame, Math.min(stripFrames, frames - frame)));
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

/** Panels for keys and values of all rows, while `work` runs. */
function withPanels(
  runtime: WasmRuntime,
  capacity: number,
  columns: number,
  headDim: number,
  work: (keys: CachePanels, values: CachePanels) => void,
): void {
  const shape = { capacity, columns, headDim };
  const keys = emptyPanels(runtime, { ...shape, layout: "keys" });
  const values = emptyPanels(runtime, { ...shape, layout: "values" });
  try {
    work(keys, values);
  } finally {
    runtime.allocator.free(keys.address);
    runtime.allocator.free(values.address);
  }
}
