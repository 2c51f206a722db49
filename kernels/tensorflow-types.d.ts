/**
 * What our declarations need of the types of TensorFlow.js, whose own do not compile without `skipLibCheck`. In the
 * package, declarations import these in their place. A tensor of TensorFlow.js is one of these; the other way round it
 * takes a cast: `tf.add(value as tf.Tensor, 1)`.
 */
export type DataType = "float32" | "int32" | "bool" | "complex64" | "string";
export type BackendValues = Float32Array | Int32Array | Uint8Array | Uint8Array[];

export interface TensorInfo {
  dataId: object;
  shape: number[];
  dtype: DataType;
}

export interface Tensor {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: DataType;
  readonly rank: number;
  readonly size: number;
  readonly isDisposed: boolean;
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
  dataSync(): Float32Array | Int32Array | Uint8Array;
  dispose(): void;
}

export type TensorContainer = unknown;

export interface KernelBackend {
  dispose(): void;
}
export interface NamedTensorInfoMap {
  [name: string]: TensorInfo | undefined;
}
export interface NamedAttrMap {
  [name: string]: unknown;
}
