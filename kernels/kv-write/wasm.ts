/** KvWrite in WebAssembly: in place. A cache that attention has put into key panels stays in them. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { register } from "../kernel.ts";
import type { WasmBackend } from "../wasm/backend.ts";
import { backendName } from "../wasm/kernel.ts";
import { kvWrite } from "./index.ts";
import type { KvWriteAttrs } from "./index.ts";

export function registerKvWrite(): void {
  register<WasmBackend>(kvWrite.name, backendName, ({ inputs, attrs, backend }) => {
    const { cache, rows } = inputs as { cache: TensorInfo; rows: TensorInfo };
    const { position } = attrs as unknown as KvWriteAttrs;
    kvWrite.outputs({ cache: cache.shape, rows: rows.shape }, { position });
    const { direct, bytes } = backend.machine;
    const [count, width] = rows.shape as [number, number];
    const from = backend.address(rows);
    const panels = backend.keyPanels(cache);
    if (panels !== undefined) direct.writeKeys(from, panels, position, count, width);
    else bytes.copyWithin(backend.address(cache) + position * width * 4, from, from + count * width * 4);
    backend.incRef(cache.dataId);
    return { dataId: cache.dataId, shape: cache.shape, dtype: cache.dtype };
  });
}
