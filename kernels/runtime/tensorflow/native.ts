/**
 * The one place that knows TensorFlow.js's native package from inside: how it is loaded, its raw binding (which, unlike
 * the package's public face, takes every type and every operation of TensorFlow), and how a result of the binding
 * becomes a tensor. All of it is private API of the pinned version; test/tensorflow/native.test.ts holds it to what is
 * used here.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import util from "node:util";
import { engine, env, findBackend } from "@tensorflow/tfjs-core";
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import { RuntimeError } from "../../../src/errors.ts";
import { findPackage, tensorflowHome } from "./home.ts";

/** TensorFlow's numbers for its types (tensorflow/c/tf_datatype.h). */
export const types = {
  float32: 1,
  int32: 3,
  uint8: 4,
  int8: 6,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  half: 19,
  resource: 20,
} as const;

export type Type = keyof typeof types;

/** A value in TensorFlow's memory, as the binding gives it. */
export interface Handle {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** An attribute of an operation, by the kinds that the binding takes. */
export interface NativeAttr {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What we use of the addon. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  createTensor(shape: readonly number[], type: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayBufferView;
  executeOp(name: string, attrs: readonly NativeAttr[], inputs: readonly number[], outputs: number): Handle[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: readonly number[], inputNames: string, outputNames: string): Handle[];
}

/** The package's backend, with the members that it calls private. */
export interface NativeBackend extends KernelBackend {
  readonly binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: {
    set(dataId: object, data: object): void;
    get(dataId: object): { readonly id: number; readonly dtype: number; readonly shape: readonly number[] };
  };
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
}

export const backendName = "tensorflow";

export interface NativeOptions {
  readonly threads?: number;
}

/** Loads the package, which registers its backend and stock kernels. Throws `backend_unavailable` with the reason. */
export function loadNative({ threads }: NativeOptions = {}): NativeBackend {
  const loaded = findBackend(backendName) as NativeBackend | null;
  if (loaded !== null) return loaded;

  const entry = findPackage();
  prepareEnvironment(dirname(dirname(entry)), threads);
  restoreUtil();
  const production = env().get("PROD");
  env().set("PROD", true); // no advertisements on the console, nor warnings that the cpu kernels are there already
  try {
    createRequire(import.meta.url)(entry);
  } catch (cause) {
    throw new RuntimeError(
      "backend_unavailable",
      "tensorflow",
      `${entry} cannot be loaded: ${reason(cause)}`,
      {
        remedy: `Remove ${tensorflowHome()} and run \`npm run setup:tensorflow\` again`,
        cause,
      },
    );
  } finally {
    env().set("PROD", production);
  }
  return findBackend(backendName) as NativeBackend;
}

/** What TensorFlow reads from the environment when it starts; whatever the user has set stays. */
function prepareEnvironment(folder: string, threads: number | undefined): void {
  const cuda = join(folder, "deps/nvidia/cuda_nvcc"); // the PTX compiler, for XLA
  const wanted: { readonly [name: string]: string | undefined } = {
    TF_CPP_MIN_LOG_LEVEL: "3",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    // Float32 means float32: products of 19-bit operands, NVIDIA's default, are a thousand times less exact.
    NVIDIA_TF32_OVERRIDE: "0",
    XLA_FLAGS: `--xla_gpu_cuda_data_dir=${cuda} --xla_gpu_enable_triton_gemm=false`,
    TF_NUM_INTRAOP_THREADS: threads?.toString(),
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined) process.env[name] ??= value;
  }
}

/** Two functions of node:util that the package calls: deprecated in Node 22, removed in Node 23. */
function restoreUtil(): void {
  Object.assign(util, {
    isNullOrUndefined: (x: unknown) => x === null || x === undefined,
    isArray: Array.isArray,
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Wraps a result of the binding so that the engine counts and frees it; its type may be one that TensorFlow.js lacks. */
export function adopt(backend: NativeBackend, { id, shape, dtype }: Handle): TensorInfo {
  const dataId = {};
  backend.tensorMap.set(dataId, { shape, dtype, id, values: null, refCount: 1 });
  return { dataId, shape: [...shape], dtype: "float32" };
}

/** The value behind a tensor. Uploads it first where it is still on the host. */
export function handleOf(backend: NativeBackend, info: TensorInfo): Handle {
  const [id] = backend.getInputTensorIds([info]) as [number];
  return { id, shape: info.shape, dtype: backend.tensorMap.get(info.dataId).dtype };
}

/** Values that TensorFlow holds, those of other users among them; for leak checks. */
export function nativeTensors(): number {
  return (findBackend(backendName) as NativeBackend).binding.getNumOfTensors();
}

/** Counts of the engine and of TensorFlow, which must both stay flat. */
export function liveCounts(): readonly [tensors: number, handles: number] {
  return [engine().memory().numTensors, nativeTensors()];
}
