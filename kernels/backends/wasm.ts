/** The `wasm` backend, the default: registration of the backend, its kernels and its weight store. */
import {
  copyRegisteredKernels,
  findBackend,
  getKernelsForBackend,
  registerBackend,
  removeBackend,
  unregisterKernel,
} from "../tensorflow-js.ts";
import { FunAsrError, RuntimeError } from "../../src/errors.ts";
import type { BackendOptions, StartedBackend } from "../backend.ts";
import { registerAttentionParts } from "../ops/attention-parts/wasm.ts";
import { registerAttention } from "../ops/attention/wasm.ts";
import { registerCif } from "../ops/cif/wasm.ts";
import { registerConvTranspose } from "../ops/conv-transpose/wasm.ts";
import { registerDecoderLayer } from "../ops/decoder-layer/wasm.ts";
import { registerFsmn } from "../ops/fsmn/wasm.ts";
import { registerGetRows } from "../ops/get-rows/wasm.ts";
import { registerJointDecoderLayer } from "../ops/joint-decoder-layer/wasm.ts";
import { registerKvWrite } from "../ops/kv-write/wasm.ts";
import { registerLayerNorm } from "../ops/layer-norm/wasm.ts";
import { registerLinear } from "../ops/linear/wasm.ts";
import { registerLinearRows } from "../ops/linear-rows/wasm.ts";
import { registerLstm } from "../ops/lstm/wasm.ts";
import { registerQkNormRope } from "../ops/qk-norm-rope/wasm.ts";
import { registerRmsNorm } from "../ops/rms-norm/wasm.ts";
import { registerRope } from "../ops/rope/wasm.ts";
import { registerSanmLayer } from "../ops/sanm-layer/wasm.ts";
import { registerSwiglu } from "../ops/swiglu/wasm.ts";
import { registerTopLabels } from "../ops/top-labels/wasm.ts";
import { registerUnfold } from "../ops/unfold/wasm.ts";
import { WasmBackend } from "../runtime/wasm/backend.ts";
import { backendName } from "../runtime/wasm/kernel.ts";
import type { WasmHost } from "../runtime/wasm/hosts/host.ts";
import type { WasmOptions } from "../runtime/wasm/options.ts";
import { WasmRuntime } from "../runtime/wasm/runtime.ts";
import { registerStock } from "../runtime/wasm/stock.ts";
import { wasmWeightStore } from "../runtime/wasm/weights.ts";

export type { WasmOptions };

const registrations = [
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
  registerJointDecoderLayer,
  registerSanmLayer,
  registerFsmn,
  registerGetRows,
  registerTopLabels,
  registerKvWrite,
  registerCif,
  registerUnfold,
  registerConvTranspose,
  registerLstm,
];

/** Registers the kernels, once, under the backend's general name. */
function registerKernels(): void {
  for (const registerKernel of registrations) registerKernel();
}

/**
 * Registers one backend of the process under its general name, and its kernels, unless it is registered already. Throws
 * `backend_unavailable` with the reason.
 */
export function registerWasm(host: WasmHost, options: WasmOptions = {}): void {
  if (findBackend(backendName) === null) {
    const backend = new WasmBackend(startRuntime(host, options));
    registerBackend(backendName, () => backend);
  }
  registerKernels();
}

/** Whatever keeps the kernels from running here has a name: old processors, engines without WebAssembly, limits on memory. */
function startRuntime(host: WasmHost, options: WasmOptions): WasmRuntime {
  try {
    return new WasmRuntime(host, options);
  } catch (cause) {
    if (cause instanceof FunAsrError) throw cause;
    const code = cause instanceof RangeError ? "out_of_memory" : "backend_unavailable";
    const remedy = "The backend cpu runs everywhere, slowly: --backend cpu, or the option backend";
    throw new RuntimeError(code, "wasm", faultOf(cause), { remedy, cause });
  }
}

function faultOf(cause: unknown): string {
  if (typeof WebAssembly === "undefined")
    return "this JavaScript engine runs without WebAssembly (--jitless)";
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof RangeError) return `the memory of the kernels cannot be reserved: ${message}`;
  if (!(cause instanceof Error && cause.name === "CompileError"))
    return `the kernels do not start: ${message}`;
  return `the kernels need a processor with SIMD instructions (on x86, SSE4.1): ${message}`;
}

/** Weights of the backend that {@link registerWasm} registered. */
export const wasmWeights = wasmWeightStore(() => findBackend(backendName) as WasmBackend);

let starts = 0;

/** Starts a backend with its own memory and threads. Throws `backend_unavailable` with the reason. */
export function startWasm(host: WasmHost, { threads }: BackendOptions): StartedBackend {
  const backend = new WasmBackend(startRuntime(host, threads === undefined ? {} : { threads }));
  const id = `${backendName}-${++starts}`;
  registerKernels();
  registerBackend(id, () => backend);
  copyRegisteredKernels(backendName, id);
  return {
    id,
    weights: wasmWeightStore(() => backend),
    equalRows: true,
    dispose: () => {
      removeBackend(id);
      for (const { kernelName } of getKernelsForBackend(id)) unregisterKernel(kernelName, id);
    },
  };
}
