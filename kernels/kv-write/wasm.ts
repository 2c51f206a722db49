/** KvWrite in WebAssembly: in place. A cache that attention has packed stays packed. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { register } from "../kernel.ts";
import type { WasmBackend } from "../wasm/backend.ts";
import { write } from "../wasm/cache-panels.ts";
import { backendName } from "../wasm/kernel.ts";
import { kvWrite } from "./index.ts";
import type { KvWriteAttrs } from "./index.ts";

export function registerKvWrite(): void {
  register<WasmBackend>(kvWrite.name, backendName, ({ inputs, attrs, backend }) => {
    const { cache, rows } = inputs as { cache: TensorInfo; rows: TensorInfo };
    const { position } = attrs as unknown as KvWriteAttrs;
    kvWrite.outputs({ cache: cache.shape, rows: rows.shape }, { position });
    const { machine } = backend;
    const [count, width] = rows.shape as [number, number];
    const from = backend.address(rows);
    const panels = backend.panels(cache);
    if (panels !== undefined) write(machine, panels, from, position, count);
    else
      machine.bytes.copyWithin(backend.address(cache) + position * width * 4, from, from + count * width * 4);
    backend.incRef(cache.dataId);
    return { dataId: cache.dataId, shape: cache.shape, dtype: cache.dtype };
  });
}
