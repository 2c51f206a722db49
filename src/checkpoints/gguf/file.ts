/**
 * An open GGUF file: its metadata, and tensors that are read on demand, by range, straight into the
 * caller's buffer. Names, shapes and keys are the file's own; namings/ translates them.
 */
import type { Metadata, TensorEntry } from "../checkpoint.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import { inBlocks } from "./blocks.ts";
import { guard } from "./guard.ts";
import { interruptible } from "../../platform/interruptible.ts";
import { openSource } from "../../platform/open-source.ts";
import type { BytesInput } from "../../platform/open-source.ts";
import { secondReader } from "./second-reader.ts";
import type { TensorInfo } from "./tensors.ts";
import type { TypedMetadata } from "./values.ts";

/** A path, an http(s): or file: address, or the file's bytes. */
export type GgufSource = BytesInput;

/** A tensor of a GGUF file; parts of it can be read. */
export interface GgufTensor extends TensorEntry {
  /** Fills `target` from byte `offset` of the tensor's data. */
  readRange(offset: number, target: Uint8Array, signal?: AbortSignal): Promise<void>;
}

export interface GgufFile extends AsyncDisposable {
  readonly source: string;
  /** Whether reading it needs network requests. */
  readonly remote: boolean;
  readonly metadata: Metadata;
  /** The same with GGUF's types, to write it again. */
  readonly typedMetadata: TypedMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** Opens one file, whether it is a whole model or not. `signal` ends the opening with its reason. */
export async function openGgufFile(source: GgufSource, signal?: AbortSignal): Promise<GgufFile> {
  const file = await openSource(source, signal);
  try {
    const header = await guard(interruptible(file, signal));
    await secondReader(file.name, header);
    const typed = [...header.entries].map(
      ([key, { type, array, value }]) => [key, { type, array, value }] as const,
    );
    const data = inBlocks(file);
    return {
      source: file.name,
      remote: file.remote,
      metadata: new Map(typed.map(([key, { value }]) => [key, value])),
      typedMetadata: new Map(typed),
      tensors: new Map(header.tensors.map((info) => [info.name, tensorOf(data, info)])),
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

function tensorOf(
  file: ByteSource,
  { name, dimensions, format, byteLength, offset }: TensorInfo,
): GgufTensor {
  return {
    name,
    shape: dimensions.toReversed(),
    format,
    byteLength,
    read: (target, signal) => file.read(offset, target.subarray(0, byteLength), signal),
    readRange: (from, target, signal) => file.read(offset + from, target, signal),
  };
}
