/** Safetensors in memory: parse, encode, and tensor data as floats. Files are in file.ts. */
import { unpackRow } from "../../../kernels/formats/index.ts";
import { RuntimeError } from "../../errors.ts";
import { dtypes, encodeHeader, headerLength, lengthBytes, parseHeader } from "./header.ts";
import type { Dtype, PlacedTensor } from "./header.ts";

export interface StoredTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Little-endian, the last dimension fastest. */
  readonly bytes: Uint8Array;
}

export interface Safetensors {
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of their data. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Reads a whole file; the tensors are views of `bytes`. */
export function parseSafetensors(bytes: Uint8Array, file = "safetensors"): Safetensors {
  const length = headerLength(file, bytes, bytes.length);
  const header = parseHeader(file, bytes.subarray(lengthBytes, lengthBytes + length), bytes.length);
  const tensors = [...header.tensors.values()].map(
    ({ name, dtype, shape, begin, end }): [string, StoredTensor] => [
      name,
      { name, dtype, shape, bytes: bytes.subarray(begin, end) },
    ],
  );
  return { metadata: header.metadata, tensors: new Map(tensors) };
}

/** The values as floats; 64-bit integers and doubles are rounded. */
export function floatsOf({ dtype, shape, bytes }: StoredTensor): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = new Float32Array(count);
  if (dtype === "F32" || dtype === "F16" || dtype === "BF16") {
    unpackRow(dtype, bytes, 0, values, count);
    return values;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[dtype];
  for (let i = 0; i < count; i++) values[i] = read(view, i * dtypes[dtype]);
  return values;
}

type Unpacked = "F32" | "F16" | "BF16";

const readers: Readonly<Record<Exclude<Dtype, Unpacked>, (view: DataView, offset: number) => number>> = {
  F64: (view, offset) => view.getFloat64(offset, true),
  I64: (view, offset) => Number(view.getBigInt64(offset, true)),
  U64: (view, offset) => Number(view.getBigUint64(offset, true)),
  I32: (view, offset) => view.getInt32(offset, true),
  U32: (view, offset) => view.getUint32(offset, true),
  I16: (view, offset) => view.getInt16(offset, true),
  U16: (view, offset) => view.getUint16(offset, true),
  I8: (view, offset) => view.getInt8(offset),
  U8: (view, offset) => view.getUint8(offset),
  BOOL: (view, offset) => view.getUint8(offset),
};

/** A tensor of floats, ready to be written. */
export function floatTensor(name: string, shape: readonly number[], values: Float32Array): StoredTensor {
  return {
    name,
    dtype: "F32",
    shape,
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

/**
 * The pieces of a file, in order: header, then data. Tensors keep their order, except that wider elements come first
 * so that all are aligned. The same content gives the same bytes.
 */
export function encodeSafetensors(
  tensors: Iterable<StoredTensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): readonly Uint8Array[] {
  const sorted = [...tensors].toSorted((a, b) => dtypes[b.dtype] - dtypes[a.dtype]);
  const placed: PlacedTensor[] = [];
  const names = new Set<string>(["__metadata__"]);
  let offset = 0;
  for (const { name, dtype, shape, bytes } of sorted) {
    const due = shape.reduce((product, size) => product * size, dtypes[dtype]);
    if (names.has(name) || bytes.length !== due) {
      const found = names.has(name)
        ? "the name is taken"
        : `${bytes.length} bytes for ${dtype} [${shape.join(", ")}]`;
      throw new RuntimeError("internal", `tensor ${JSON.stringify(name)}`, found);
    }
    names.add(name);
    placed.push({ name, dtype, shape, begin: offset, end: offset + bytes.length });
    offset += bytes.length;
  }
  return [encodeHeader(placed, metadata), ...sorted.map(({ bytes }) => bytes)];
}
