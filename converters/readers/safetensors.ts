/** A safetensors checkpoint as named tensors that are read by offset; the header is checked by src/safetensors. */
import type { Format } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import type { ByteSource } from "../../src/platform/bytes.ts";
import { headerLength, lengthBytes, parseHeader } from "../../src/checkpoints/safetensors/header.ts";
import type { Dtype, PlacedTensor } from "../../src/checkpoints/safetensors/header.ts";
import { floatsOf } from "../../src/checkpoints/safetensors/safetensors.ts";
import type { StateDict } from "./open-model.ts";

export async function openSafetensors(access: ByteSource): Promise<StateDict> {
  const field = new Uint8Array(Math.min(lengthBytes, access.size));
  await access.read(0, field);
  const json = new Uint8Array(headerLength(access.name, field, access.size));
  await access.read(lengthBytes, json);
  const { tensors } = parseHeader(access.name, json, access.size);
  return {
    source: access.name,
    tensors: new Map([...tensors].map(([name, location]) => [name, tensorEntry(access, location)])),
    [Symbol.asyncDispose]: () => access[Symbol.asyncDispose](),
  };
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
