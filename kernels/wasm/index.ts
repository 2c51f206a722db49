/** The `wasm` backend, the default: registration of the backend, its kernels and its weight store. */
import { findBackend, registerBackend } from "@tensorflow/tfjs-core";
import { registerAttentionParts } from "../attention-parts/wasm.ts";
import { registerAttention } from "../attention/wasm.ts";
import { registerCif } from "../cif/wasm.ts";
import { registerConvTranspose } from "../conv-transpose/wasm.ts";
import { registerDecoderLayer } from "../decoder-layer/wasm.ts";
import { registerFsmn } from "../fsmn/wasm.ts";
import { registerGetRows } from "../get-rows/wasm.ts";
import { registerKvWrite } from "../kv-write/wasm.ts";
import { registerLayerNorm } from "../layer-norm/wasm.ts";
import { registerLinear } from "../linear/wasm.ts";
import { registerLinearRows } from "../linear-rows/wasm.ts";
import { registerLstm } from "../lstm/wasm.ts";
import { registerQkNormRope } from "../qk-norm-rope/wasm.ts";
import { registerRmsNorm } from "../rms-norm/wasm.ts";
import { registerRope } from "../rope/wasm.ts";
import { registerSanmLayer } from "../sanm-layer/wasm.ts";
import { registerSwiglu } from "../swiglu/wasm.ts";
import { registerTopLabels } from "../top-labels/wasm.ts";
import { registerUnfold } from "../unfold/wasm.ts";
import { WasmBackend } from "./backend.ts";
import { backendName } from "./kernel.ts";
import { Machine } from "./machine.ts";
import type { WasmOptions } from "./machine.ts";
import { registerStock } from "./stock.ts";
import { wasmWeightStore } from "./weights.ts";

export type { WasmOptions };

let wanted: WasmOptions = {};

/** Sets the options of the backend; they count from its next start on. */
export function configureWasm(options: WasmOptions): void {
  wanted = options;
}

/** Registers the backend and its kernels; harmless when repeated. Throws `backend_unavailable` with the reason. */
export function registerWasm(): void {
  if (findBackend(backendName) === null) {
    const backend = new WasmBackend(new Machine(wanted));
    registerBackend(backendName, () => backend);
  }
  for (const registerKernel of [
    registerStock,
    registerLayerNorm,
    registerRmsNorm,
    registerLinear,
    registerLinearRows,
    registerAttention,
    registerAttentionParts,
    registerRope,
    registerQkNormRope,
    registerSwiglu,
    registerDecoderLayer,
    registerSanmLayer,
    registerFsmn,
    registerGetRows,
    registerTopLabels,
    registerKvWrite,
    registerCif,
    registerUnfold,
    registerConvTranspose,
    registerLstm,
  ]) {
    registerKernel();
  }
}

export const wasmWeights = wasmWeightStore(() => findBackend(backendName) as WasmBackend);
