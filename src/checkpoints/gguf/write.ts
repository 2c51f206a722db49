/**
 * The bytes of a GGUF file, version 3, little-endian: what read accepts and nothing else. The header is read back by
 * the guard before the first byte is given, and must hold the same values. Tensors are streamed, one producer after
 * the other. The same content gives the same bytes.
 */
import { byteLength } from "../../../kernels/formats/table.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import type { TensorEntry } from "../checkpoint.ts";
import { FunAsrError, ModelFormatError } from "../../errors.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import { elementsOf, encodeHeader } from "./encode.ts";
import type { TensorDeclaration } from "./encode.ts";
import { guard } from "./guard.ts";
import { limits } from "./limits.ts";
import { padded } from "./tensors.ts";
import { string } from "./values.ts";
import type { TypedMetadata, TypedValue } from "./values.ts";

/** A tensor to be written. */
export interface TensorSource extends TensorDeclaration {
  /** Produces its encoded bytes, in chunks of any size. A chunk may be reused when the next one is produced. */
  chunks(signal?: AbortSignal): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface GgufContent {
  /** In the order in which they are written. `general.alignment` counts, and is 32 where it is absent. */
  readonly metadata: TypedMetadata;
  readonly tensors: readonly TensorSource[];
}

export interface WriteOptions {
  readonly signal?: AbortSignal;
  /** Called after each tensor. */
  readonly onTensor?: (tensor: TensorSource) => void;
}

/** A tensor of another file is copied in pieces of this size, if its container can read them. */
const chunkBytes = 4 * 2 ** 20;

/** A tensor of another file, copied unchanged. */
export const copyOf = (entry: TensorEntry, name = entry.name): TensorSource => ({
  name,
  shape: entry.shape,
  format: entry.format,
  async *chunks(signal) {
    const total = entry.byteLength;
    const piece = new Uint8Array(entry.readRange === undefined ? total : Math.min(chunkBytes, total));
    for (let offset = 0; offset < total; offset += piece.length) {
      const bytes = piece.subarray(0, total - offset);
      await (entry.readRange?.(offset, bytes, signal) ?? entry.read(bytes, signal));
      yield bytes;
    }
  },
});

/** A tensor whose encoded bytes are in memory. */
export const bytesOf = (
  name: string,
  shape: readonly number[],
  format: Format,
  bytes: Uint8Array,
): TensorSource => ({ name, shape, format, chunks: () => [bytes] });

/** The bytes of the file, in order. A chunk may be reused when the next one is produced. */
export async function* encodeGguf(
  { metadata, tensors }: GgufContent,
  { signal, onTensor }: WriteOptions = {},
): AsyncGenerator<Uint8Array> {
  const padding = (length: number): Uint8Array =>
    new Uint8Array(padded(length, alignmentOf(metadata)) - length);
  yield await encodeHead({ metadata, tensors });
  for (const tensor of tensors) {
    const due = sizeOf(tensor);
    let done = 0;
    for await (const chunk of tensor.chunks(signal)) {
      signal?.throwIfAborted();
      done += chunk.length;
      if (done > due) break;
      yield chunk;
    }
    if (done !== due) throw wrongLength(tensor, done, due);
    yield padding(due);
    onTensor?.(tensor);
  }
}

/** A file without its tensors' data. */
interface GgufHead {
  readonly metadata: TypedMetadata;
  readonly tensors: readonly TensorDeclaration[];
}

/** A key that no reader uses; spaces under it make a header longer. */
const fillingKey = "fun-asr.filling";

/**
 * Everything before the tensor data, whose parts follow at multiples of the alignment; `least` bytes of it where the
 * rest leaves room for the filling. Throws the guard's error for content that no file can have.
 */
export async function encodeHead({ metadata, tensors }: GgufHead, least = 0): Promise<Uint8Array> {
  const alignment = alignmentOf(metadata);
  const encode = (filling: string): Uint8Array =>
    encodeHeader(new Map([...metadata, [fillingKey, string(filling)]]), tensors, alignment);
  const missing = least === 0 ? 0 : least - encode("").length;
  const header = missing > 0 ? encode(" ".repeat(missing)) : encodeHeader(metadata, tensors, alignment);
  await readBack(header, { metadata, tensors }, alignment);
  const head = new Uint8Array(padded(header.length, alignment));
  head.set(header);
  return head;
}

const alignmentOf = (metadata: TypedMetadata): number =>
  Number(metadata.get("general.alignment")?.value ?? limits.alignment.default);

const sizeOf = ({ format, shape }: TensorDeclaration): number => byteLength(format, elementsOf(shape));

/** Reads the header as if all tensors, zeros so far, followed it. */
async function readBack(
  header: Uint8Array,
  { metadata, tensors }: GgufHead,
  alignment: number,
): Promise<void> {
  const dataBytes = tensors.reduce((total, tensor) => total + padded(sizeOf(tensor), alignment), 0);
  const preview: ByteSource = {
    name: "the file to be written",
    size: padded(header.length, alignment) + dataBytes,
    remote: false,
    async read(offset, target) {
      target.fill(0);
      target.set(header.subarray(offset, offset + target.length));
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const { entries } = await guard(preview);
  for (const [key, value] of metadata) {
    const kept = entries.get(key);
    if (kept === undefined || !sameValue(value, kept)) {
      const found = `a value that a ${value.type} does not hold`;
      throw new ModelFormatError("bad_metadata", `key ${key}`, found);
    }
  }
}

function sameValue(meant: TypedValue, kept: TypedValue): boolean {
  const round = meant.type === "float32" ? (x: unknown) => Math.fround(x as number) : (x: unknown) => x;
  if (!meant.array) return Object.is(round(meant.value), kept.value);
  const [a, b] = [meant.value, kept.value] as [readonly unknown[], readonly unknown[]];
  return a.length === b.length && a.every((element, i) => Object.is(round(element), b[i]));
}

function wrongLength({ name }: TensorSource, done: number, due: number): FunAsrError {
  const found = done > due ? `more than ${due} bytes were produced` : `${done} bytes were produced`;
  return new FunAsrError("internal", `tensor ${name}`, found, { wanted: `${due} bytes` });
}
