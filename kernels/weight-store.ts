/**
 * How weight matrices get into a backend. A matrix in a file is rows of blocks; the backend decides on their
 * layout in its memory (blocks as they are, interleaved rows, halves on a GPU). The result is an opaque tensor that only
 * that backend's Linear and GetRows can read.
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
  /** Fills `target` from byte `offset` on; undefined where the container cannot read a range. */
  readonly readRange?:
    | ((offset: number, target: Uint8Array, signal?: AbortSignal) => Promise<void>)
    | undefined;
}

interface StoredWeight {
  readonly info: TensorInfo;
  /** The format that Linear and GetRows get as an attribute: a store may repack. */
  readonly format: Format;
}

export interface WeightStore {
  load(source: EncodedTensor, signal?: AbortSignal): Promise<StoredWeight>;
}
