/** A safetensors checkpoint as named tensors that are read by offset; the header is checked by src/safetensors. */
import type { Format } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import type { ByteSource } from "../../src/platform/bytes.ts";
import { headerLength, lengthBytes, parseHeader } from "../../src/checkpoints/safetensors/header.ts";
import type { Dtype, PlacedTensor } from "../../src/checkpoints/safetensors/header.ts";
import { floatsOf } from "../../src/checkpoints/safetensors/safetensors.ts";
import type { StateDict } from "./open-model.ts";

/** A tensor as the file has it, integers included; for encodings that are made of several tensors. */
export interface StoredEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly byteLength: number;
  /** Fills `target` from byte `offset` of the tensor's data. */
  readRange(offset: number, target: Uint8Array, signal?: AbortSignal): Promise<void>;
}

export interface SafetensorsState extends StateDict {
  /** `__metadata__` of the header. */
  readonly metadata: ReadonlyMap<string, string>;
  /** The same tensors as they are stored. */
  readonly stored: ReadonlyMap<string, StoredEntry>;
  /** The names of the files in the folder, where there are several. */
  readonly shards?: readonly string[];
}

export async function openSafetensors(access: ByteSource): Promise<SafetensorsState> {
  const field = new Uint8Array(Math.min(lengthBytes, access.size));
  await access.read(0, field);
  const json = new Uint8Array(headerLength(access.name, field, access.size));
  await access.read(lengthBytes, json);
  const { metadata, tensors } = parseHeader(access.name, json, access.size);
  return {
    source: access.name,
    metadata,
    stored: new Map([...tensors].map(([name, location]) => [name, storedEntry(access, location)])),
    tensors: new Map([...tensors].map(([name, location]) => [name, tensorEntry(access, location)])),
    [Symbol.asyncDispose]: () => access[Symbol.asyncDispose](),
  };
}

function storedEntry(access: ByteSource, { name, dtype, shape, begin, end }: PlacedTensor): StoredEntry {
  const readRange: StoredEntry["readRange"] = (offset, target, signal) =>
    access.read(begin + offset, target, signal);
  return { name, dtype, shape, byteLength: end - begin, readRange };
}

/** Element types that a GGUF can hold as they are; other numbers become floats. */
const formats: Readonly<Partial<Record<Dtype, Format>>> = { F32: "F32", F16: "F16", BF16: "BF16" };

function tensorEntry(access: ByteSource, { name, dtype, shape, begin, end }: PlacedTensor): TensorEntry {
  const format = formats[dtype];
  if (format !== undefined) {
    const byteLength = end - begin;
    return {
      name,
      shape,
      format,
      byteLength,
      read: (target, signal) => access.read(begin, target.subarray(0, byteLength), signal),
      readRange: (offset, target, signal) => access.read(begin + offset, target, signal),
    };
  }
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    name,
    shape,
    format: "F32",
    byteLength: 4 * count,
    async read(target, signal) {
      const bytes = new Uint8Array(end - begin);
      await access.read(begin, bytes, signal);
      target.set(new Uint8Array(floatsOf({ name, dtype, shape, bytes }).buffer));
    },
  };
}
