/** Attention in WebAssembly (wasm/assembly/attention.ts), blocks of queries of one key/value head on all threads. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import { panelsOf, release } from "../../runtime/wasm/cache-panels.ts";
import type { CachePanels } from "../../runtime/wasm/cache-panels.ts";
import { define } from "../../runtime/wasm/kernel.ts";
import { f32 } from "../../runtime/wasm/machine.ts";
import type { WasmRuntime } from "../../runtime/wasm/machine.ts";
import { attention } from "./index.ts";
import type { AttentionAttrs } from "./index.ts";

/** Query rows of an item: enough to use each panel often, few enough for their scores to stay in the cache. */
const blockRows = 48;

export function registerAttention(): void {
  define(attention, ({ backend, at, inputs, shapes, attrs, outputs: [y] }) => {
    const [frames, width] = shapes.q as readonly [number, number];
    computeAttention(backend, at("q"), inputs.k!, inputs.v!, y!, frames, width / attrs.heads, attrs);
  });
}

/** Attention of `frames` rows of queries at `q`; keys and values are tensors, for they may lie in panels. */
export function computeAttention(
  backend: WasmBackend,
  q: number,
  k: TensorInfo,
  v: TensorInfo,
  y: number,
  frames: number,
  headDim: number,
  attrs: AttentionAttrs,
  /** Positions that there may be when the job is run again. */
  room = attrs.length,
): void {
  const { machine } = backend;
  const keys = panelsOf(backend, k, "keys", headDim, attrs.length);
  const values = panelsOf(backend, v, "values", headDim, attrs.length);
  attendPanels(machine, q, keys, values, y, frames, attrs, room);
  release(machine, keys);
  release(machine, values);
}

/** The same with keys and values in panels; `y` may be `q`. */
export function attendPanels(
  machine: WasmRuntime,
  q: number,
  keys: CachePanels,
  values: CachePanels,
  y: number,
  frames: number,
  { heads, kvHeads, scale, causal, length }: AttentionAttrs,
  room = length,
): void {
  const { headDim } = keys;
  const group = heads / kvHeads;
  const blockFrames = Math.min(frames, Math.max(1, Math.floor(blockRows / group)));
  const rows = blockFrames * group;
  const rowBytes = Math.ceil(headDim / 16) * 64;
  const scoreBytes = (Math.ceil(room / 16) | 1) * 64;
  const scratchBytes = Math.ceil((rows * (rowBytes + scoreBytes + 4)) / 64) * 64;
  machine.scratch(machine.threads * scratchBytes, (scratch) => {
    const shape = [frames, length, heads, kvHeads, headDim, f32(scale), causal ? 1 : 0, blockFrames];
    const args = [q, keys.address, values.address, y, ...shape, values.capacity, scratch, scratchBytes];
    machine.run("attention", Math.ceil(frames / blockFrames) * kvHeads, 1, args);
  });
}
