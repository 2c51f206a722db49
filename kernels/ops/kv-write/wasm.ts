/** KvWrite in WebAssembly: in place. A cache that attention has packed stays packed. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { register } from "../../kernel.ts";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import { write } from "../../runtime/wasm/cache-panels.ts";
import { backendName } from "../../runtime/wasm/kernel.ts";
import type { Rows } from "../../runtime/wasm/rows.ts";
import { kvWrite } from "./index.ts";
import type { KvWriteAttrs } from "./index.ts";

export function registerKvWrite(): void {
  register<WasmBackend>(kvWrite.name, backendName, ({ inputs, attrs, backend }) => {
    const { cache, rows } = inputs as { cache: TensorInfo; rows: TensorInfo };
    const { position } = attrs as unknown as KvWriteAttrs;
    kvWrite.outputs({ cache: cache.shape, rows: rows.shape }, { position });
    const [count, width] = rows.shape as [number, number];
    writeRows(backend, cache, { address: backend.address(rows), rows: count, width }, position);
    backend.incRef(cache.dataId);
    return { dataId: cache.dataId, shape: cache.shape, dtype: cache.dtype };
  });
}

/** Writes rows into a cache, from row `position` on. */
export function writeRows(backend: WasmBackend, cache: TensorInfo, from: Rows, position: number): void {
  const { runtime } = backend;
  const panels = backend.panels(cache);
  if (panels !== undefined) return write(runtime, panels, from, position);
  const rowBytes = from.width * 4;
  const to = backend.address(cache) + position * rowBytes;
  const bytes = from.rows * rowBytes; // in one piece
  runtime.run("copyRows", 1, 1, { from: from.address, to, bytes, fromStride: 0, toStride: 0 });
}
