/** The backends by name. Adding one is a line here and a file for each kernel. */
import { cpuWeights, registerCpu } from "./cpu.ts";
import type { CompiledDecoder } from "../runtime/tensorflow/graph/compile.ts";
import type { DecoderCache, RecordableDecoder } from "../runtime/tensorflow/graph/decoder.ts";
import { compileOnTensorflow, configureTensorflow, registerTensorflow } from "./tensorflow.ts";
import { tensorflowWeights } from "./tensorflow.ts";
import type { TensorflowOptions } from "./tensorflow.ts";
import { configureWasm, registerWasm, wasmWeights } from "./wasm.ts";
import type { WeightStore } from "../weight-store.ts";

export type { CompiledDecoder, TensorflowOptions };

export interface BackendOptions extends TensorflowOptions {
  /** Threads to compute with, the caller's among them; all cores by default. The result does not depend on it. */
  readonly threads?: number;
}

export interface Backend {
  /** Takes options for the backend's start; without effect once it runs. Absent where there is nothing to choose. */
  readonly configure?: (options: BackendOptions) => void;
  /** Registers the backend and its kernels with TensorFlow.js; throws `backend_unavailable` with the reason. */
  readonly register: () => void | Promise<void>;
  readonly weights: WeightStore;
  /** Decoding of many tokens in one call, where the backend compiles it and that is worth while. */
  readonly compileDecoder?: CompileDecoder;
}

export type CompileDecoder = <Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  endIds: readonly number[],
) => Promise<CompiledDecoder | undefined>;

export const backends = {
  wasm: { configure: configureWasm, register: registerWasm, weights: wasmWeights },
  cpu: { register: registerCpu, weights: cpuWeights },
  tensorflow: {
    configure: configureTensorflow,
    register: registerTensorflow,
    weights: tensorflowWeights,
    compileDecoder: compileOnTensorflow,
  },
} satisfies Readonly<Record<string, Backend>>;

export type BackendName = keyof typeof backends;

/** A backend under its general type. */
export function backendOf(name: BackendName): Backend {
  return backends[name];
}
