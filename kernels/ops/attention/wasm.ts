/** Attention in WebAssembly (runtime/wasm/assembly/attention.ts): blocks of queries of one key/value head, on all threads. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import type { CachePanels } from "../../runtime/wasm/cache-panels.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { panelsOf, release } from "../../runtime/wasm/panels-of.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import type { WasmRuntime } from "../../runtime/wasm/runtime.ts";
import { attention } from "./index.ts";
import type { AttentionAttrs } from "./index.ts";

/** Query rows of an item: enough to use each panel often, few enough for their scores to stay in the cache. */
const blockRows = 48;

export function registerAttention(): void {
  define(attention, ({ backend, rows, inputs, attrs, outputs: [y] }) => {
    computeAttention(backend, rows("q"), inputs.k!, inputs.v!, y!, attrs);
  });
}

/** Attention of queries; keys and values are tensors, since they may lie in panels. */
export function computeAttention(
  backend: WasmBackend,
  q: Rows,
  k: TensorInfo,
  v: TensorInfo,
  y: number,
  attrs: AttentionAttrs,
  /** Largest number of positions when a recorded job is replayed. */
  room = attrs.length,
): void {
  const { runtime } = backend;
  const headDim = q.width / attrs.heads;
  const keys = panelsOf(backend, k, "keys", headDim, attrs.length);
  const values = panelsOf(backend, v, "values", headDim, attrs.length);
  attendPanels(runtime, q, keys, values, y, attrs, room);
  release(runtime, keys);
  release(runtime, values);
}

/** The same with keys and values in panels; `y` may be the queries' address. */
export function attendPanels(
  runtime: WasmRuntime,
  q: Rows,
  keys: CachePanels,
  values: CachePanels,
  y: number,
  { heads, kvHeads, scale, causal, length }: AttentionAttrs,
  room = length,
): void {
  const { headDim } = keys;
  const frames = q.rows;
  const group = heads / kvHeads;
  const blockFrames = Math.min(frames, Math.max(1, Math.floor(blockRows / group)));
  const rows = blockFrames * group;
  const rowBytes = Math.ceil(headDim / 16) * 64;
  const scoreBytes = (Math.ceil(room / 16) | 1) * 64;
  const scratchBytes = Math.ceil((rows * (rowBytes + scoreBytes + 4)) / 64) * 64;
  runtime.scratch(runtime.threads * scratchBytes, (scratch) =>
    runtime.run("attention", Math.ceil(frames / blockFrames) * kvHeads, 1, {
      q: q.address,
      keys: keys.address,
      values: values.address,
      y,
      frames,
      length,
      heads,
      kvHeads,
      headDim,
      scale,
      causal: causal ? 1 : 0,
      blockFrames,
      valueCapacity: values.capacity,
      scratch,
      scratchBytes,
    }),
  );
}
