/** KvWrite in WebAssembly: in place. A cache that attention has packed stays packed. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { register } from "../../kernel.ts";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import { write } from "../../runtime/wasm/cache-panels.ts";
import { backendName } from "../../runtime/wasm/kernel.ts";
import { kvWrite } from "./index.ts";
import type { KvWriteAttrs } from "./index.ts";

export function registerKvWrite(): void {
  register<WasmBackend>(kvWrite.name, backendName, ({ inputs, attrs, backend }) => {
    const { cache, rows } = inputs as { cache: TensorInfo; rows: TensorInfo };
    const { position } = attrs as unknown as KvWriteAttrs;
    kvWrite.outputs({ cache: cache.shape, rows: rows.shape }, { position });
    writeRows(backend, cache, backend.address(rows), position, rows.shape[0]!);
    backend.incRef(cache.dataId);
    return { dataId: cache.dataId, shape: cache.shape, dtype: cache.dtype };
  });
}

/** Writes `count` rows that lie at `from` into a cache from row `position` on. */
export function writeRows(
  backend: WasmBackend,
  cache: TensorInfo,
  from: number,
  position: number,
  count: number,
): void {
  const { machine } = backend;
  const panels = backend.panels(cache);
  if (panels !== undefined) write(machine, panels, from, position, count);
  else {
    const rowBytes = cache.shape[1]! * 4;
    const to = backend.address(cache) + position * rowBytes;
    machine.run("copyRows", 1, 1, [from, to, count * rowBytes, 0, 0]);
  }
}
