/**
 * DecoderLayer in WebAssembly: the kernels of its parts on scratch memory, as one list of jobs, without tensors in
 * between. In decoding the list is the same at every step except for the position: see recorded.ts.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { register } from "../../kernel.ts";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import { backendName, implementation } from "../../runtime/wasm/kernel.ts";
import { decoderLayer } from "./index.ts";
import type { DecoderLayerAttrs, DecoderLayerInput } from "./index.ts";
import { runLayer } from "./layer.ts";
import { runRecorded } from "./recorded.ts";

type Inputs = { readonly [name in DecoderLayerInput]: TensorInfo };

export function registerDecoderLayer(): void {
  const runOnce = implementation(decoderLayer, ({ backend, runtime, rows, inputs, attrs, outputs: [y] }) => {
    const x = rows("x");
    const length = attrs.position + x.rows;
    const { keys, values } = inputs as Inputs;
    const sequence = { keys, values, rows: x.rows, position: attrs.position, room: length };
    runtime.batch(() => runLayer(backend, inputs as Inputs, attrs, x, y!, [sequence]));
  });
  register<WasmBackend>(decoderLayer.name, backendName, (call) => {
    const inputs = call.inputs as unknown as Inputs;
    const attrs = call.attrs as unknown as DecoderLayerAttrs;
    const { x, keys, values } = inputs;
    const sequence = { keys, values, rows: x.shape[0]!, position: attrs.position };
    return runRecorded(decoderLayer, call.backend, inputs, attrs, [sequence]) ?? runOnce(call);
  });
}
