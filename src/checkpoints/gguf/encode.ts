/**
 * The header of a GGUF file as bytes: keys, values and tensor table, version 3, little-endian.
 * It checks nothing: write.ts has the result read back by the guard before anything reaches a disk.
 */
import { byteLength, formats } from "../../../kernels/formats/table.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import type { MetadataValue } from "../checkpoint.ts";
import { padded } from "./tensors.ts";
import { valueTypes } from "./values.ts";
import type { ElementType, TypedMetadata } from "./values.ts";

/** A row of the tensor table. */
export interface TensorDeclaration {
  readonly name: string;
  /** PyTorch order. */
  readonly shape: readonly number[];
  readonly format: Format;
}

const version = 3;

/** Everything before the tensor data; the padding that follows is not included. */
export function encodeHeader(
  metadata: TypedMetadata,
  tensors: readonly TensorDeclaration[],
  alignment: number,
): Uint8Array {
  const out = new HeaderWriter();
  out.text("GGUF");
  out.uint32(version);
  out.uint64(tensors.length);
  out.uint64(metadata.size);

  for (const [key, { type, array, value }] of metadata) {
    out.string(key);
    if (array) out.uint32(valueTypes.indexOf("array"));
    out.uint32(valueTypes.indexOf(type));
    const elements = (array ? value : [value]) as readonly (string | number | boolean)[];
    if (array) out.uint64(elements.length);
    for (const element of elements) out.element(type, element);
  }

  let offset = 0;
  for (const { name, shape, format } of tensors) {
    out.string(name);
    out.uint32(shape.length);
    for (const dimension of shape.toReversed()) out.uint64(dimension);
    out.uint32(formats[format].id);
    out.uint64(offset);
    offset += padded(byteLength(format, elementsOf(shape)), alignment);
  }
  return out.bytes();
}

export const elementsOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** A growing buffer. Numbers that do not fit their type are cut, which reading the header back detects. */
class HeaderWriter {
  #bytes = new Uint8Array(2 ** 16);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #encoder = new TextEncoder();

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  uint32(value: number): void {
    this.#view.setUint32(this.#reserve(4), value, true);
  }

  uint64(value: number): void {
    this.#view.setBigUint64(this.#reserve(8), integer(value), true);
  }

  text(value: string): void {
    // a UTF-16 unit takes at most three bytes of UTF-8
    const start = this.#reserve(value.length * 3);
    const { written } = this.#encoder.encodeInto(value, this.#bytes.subarray(start));
    this.#length = start + written;
  }

  string(value: string): void {
    const start = this.#reserve(8);
    this.text(value);
    this.#view.setBigUint64(start, BigInt(this.#length - start - 8), true);
  }

  element(type: ElementType, value: MetadataValue): void {
    const number = Number(value);
    switch (type) {
      case "string":
        return this.string(String(value));
      case "bool":
      case "uint8":
        return this.#view.setUint8(this.#reserve(1), number);
      case "int8":
        return this.#view.setInt8(this.#reserve(1), number);
      case "uint16":
        return this.#view.setUint16(this.#reserve(2), number, true);
      case "int16":
        return this.#view.setInt16(this.#reserve(2), number, true);
      case "uint32":
        return this.uint32(number);
      case "int32":
        return this.#view.setInt32(this.#reserve(4), number, true);
      case "float32":
        return this.#view.setFloat32(this.#reserve(4), number, true);
      case "uint64":
        return this.uint64(number);
      case "int64":
        return this.#view.setBigInt64(this.#reserve(8), integer(number), true);
      case "float64":
        return this.#view.setFloat64(this.#reserve(8), number, true);
    }
  }

  /** Makes room for `count` bytes and returns where they begin. */
  #reserve(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }
}

const integer = (value: number): bigint => (Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n);
