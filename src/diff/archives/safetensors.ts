/** Stage archives as safetensors files, which the reference scripts write. */
import type { ByteSource } from "../../platform/bytes.ts";
import { floatsOf } from "../../checkpoints/safetensors/index.ts";
import {
  encodeHeader,
  headerLength,
  lengthBytes,
  parseHeader,
} from "../../checkpoints/safetensors/header.ts";
import type { PlacedTensor } from "../../checkpoints/safetensors/header.ts";
import { stageIn } from "./archive.ts";
import type { Sink, StageReader } from "./archive.ts";
import { HeadedFile } from "./headed-file.ts";

/** Opens the file, which then belongs to the reader. */
export async function openSafetensors(file: ByteSource): Promise<StageReader> {
  const field = new Uint8Array(Math.min(lengthBytes, file.size));
  await file.read(0, field);
  const json = new Uint8Array(headerLength(file.name, field, file.size));
  await file.read(lengthBytes, json);
  const { metadata, tensors } = parseHeader(file.name, json, file.size);
  return {
    source: file.name,
    format: "safetensors",
    metadata,
    stages: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
    async read(name, signal) {
      const { dtype, shape, begin, end } = stageIn(tensors, file.name, name);
      const bytes = new Uint8Array(end - begin);
      await file.read(begin, bytes, signal);
      return { shape, values: floatsOf({ name, dtype, shape, bytes }) };
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

export async function safetensorsSink(path: string): Promise<Sink> {
  const file = await HeadedFile.begin(path);
  const tensors: PlacedTensor[] = [];
  return {
    async add(name, shape, values) {
      tensors.push({ name, dtype: "F32", shape, ...(await file.append(values)) });
    },
    finish: (metadata) => file.finish((least) => encodeHeader(tensors, metadata, least)),
    abort: () => file.abort(),
  };
}
