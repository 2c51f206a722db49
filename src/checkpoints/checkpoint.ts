/**
 * What every container (GGUF of any naming, model.pt, safetensors, ONNX) looks like once it is open:
 * metadata under our canonical keys, and tensors under the original's state-dict paths, read on demand.
 */
import type { Format } from "../../kernels/formats/table.ts";

/**
 * A metadata value as GGUF has them; 64-bit integers arrive as numbers when they are safe, else they are refused. Arrays
 * of uint8, which hold whole files, are bytes.
 */
export type MetadataValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly boolean[]
  | Uint8Array;

export type Metadata = ReadonlyMap<string, MetadataValue>;

/** A tensor that has not been read yet. */
export interface TensorEntry {
  /** State-dict path of the original. */
  readonly name: string;
  /** PyTorch order: the last dimension varies fastest; a matrix is [out, in]. */
  readonly shape: readonly number[];
  readonly format: Format;
  /** Encoded size: blocks of `format`, row after row. */
  readonly byteLength: number;
  /** Reads `byteLength` bytes into `target`, which is at least that long. */
  read(target: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Fills `target` from byte `offset` of the tensor's data, where the container can: for tensors too large to hold. */
  readRange?(offset: number, target: Uint8Array, signal?: AbortSignal): Promise<void>;
}

export interface Checkpoint extends AsyncDisposable {
  /** What to call it in messages: usually the file's name. */
  readonly source: string;
  /** Which container and naming it came in, e.g. "gguf (official)". */
  readonly naming: string;
  readonly metadata: Metadata;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Path of the am.mvn file that belongs to an installed model without those constants. */
  readonly amMvn?: string | undefined;
  /** What the checkpoint is, and what will not work with it. */
  readonly notes?: readonly string[];
}
