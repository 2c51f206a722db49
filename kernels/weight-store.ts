/**
 * How weight matrices get into a backend. A matrix in a file is rows of blocks; what it becomes in the backend's
 * memory (blocks as they are, interleaved rows, halves on a GPU) is the backend's business. The result is an opaque
 * tensor that only that backend's Linear and GetRows understand.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Format } from "./formats/table.ts";

export interface EncodedTensor {
  readonly name: string;
  /** [out, in] */
  readonly shape: readonly number[];
  readonly format: Format;
  readonly byteLength: number;
  read(target: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Fills `target` from byte `offset` on, where the container can. */
  readonly readRange?:
    | ((offset: number, target: Uint8Array, signal?: AbortSignal) => Promise<void>)
    | undefined;
}

export interface StoredWeight {
  readonly info: TensorInfo;
  /** The format that Linear and GetRows are to be told: a store may repack. */
  readonly format: Format;
}

export interface WeightStore {
  load(source: EncodedTensor, signal?: AbortSignal): Promise<StoredWeight>;
}
