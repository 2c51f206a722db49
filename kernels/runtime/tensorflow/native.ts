/**
 * The private API of TensorFlow.js's native package, in the pinned version: its raw binding, which unlike the package's
 * public API takes every type and every operation of TensorFlow, and how a result of the binding becomes a tensor.
 * test/kernels/runtime/tensorflow/native.test.ts checks that the package has what is used here.
 */
import { engine, findBackend } from "../../tensorflow-js.ts";
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";

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

/** A value in TensorFlow's memory, as the binding returns it. */
export interface Handle {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** An attribute of an operation, as the binding takes it. */
export interface NativeAttr {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The members of the addon that are used here. */
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

/** Loads the bytes of a SavedModel and returns its number in the binding. */
type LoadGraph = (binding: Binding, model: Uint8Array) => number;

/** Set by the host that loaded the package, since TensorFlow takes a graph from a folder. */
export const graphLoaders = new WeakMap<NativeBackend, LoadGraph>();

/** Wraps a result of the binding so that the engine counts and frees it; its type may be one that TensorFlow.js lacks. */
export function adopt(backend: NativeBackend, { id, shape, dtype }: Handle): TensorInfo {
  const dataId = {};
  backend.tensorMap.set(dataId, { shape, dtype, id, values: null, refCount: 1 });
  return { dataId, shape: [...shape], dtype: "float32" };
}

/** The value of a tensor. Uploads it first where TensorFlow does not have it yet. */
export function handleOf(backend: NativeBackend, info: TensorInfo): Handle {
  const [id] = backend.getInputTensorIds([info]) as [number];
  return { id, shape: info.shape, dtype: backend.tensorMap.get(info.dataId).dtype };
}

/** Values that TensorFlow holds, those of other users among them; for leak checks. */
function nativeTensors(): number {
  return (findBackend(backendName) as NativeBackend).binding.getNumOfTensors();
}

/** Counts of the engine and of TensorFlow, which must both stay flat. */
export function liveCounts(): readonly [tensors: number, handles: number] {
  return [engine().memory().numTensors, nativeTensors()];
}
