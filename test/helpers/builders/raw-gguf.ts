/** GGUF files byte by byte, so that counts, lengths and offsets can be wrong. */

export class RawGguf {
  #bytes = Buffer.alloc(0);

  /** Magic, version and counts. */
  constructor({ magic = "GGUF", version = 3, tensors = 0n, keys = 0n } = {}) {
    this.raw(Buffer.from(magic, "latin1")).u32(version).u64(tensors).u64(keys);
  }

  get length(): number {
    return this.#bytes.length;
  }

  raw(bytes: Uint8Array): this {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    return this;
  }

  u8(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  u32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return this.raw(bytes);
  }

  u64(value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
    return this.raw(bytes);
  }

  /** Length and text; the length may be another than the text's. */
  string(text: string | Uint8Array, length?: bigint): this {
    const bytes = Buffer.from(text);
    return this.u64(length ?? BigInt(bytes.length)).raw(bytes);
  }

  /** Key and value type; the value follows. */
  key(name: string | Uint8Array, type: number, length?: bigint): this {
    return this.string(name, length).u32(type);
  }

  /** A row of the tensor table; dimensions in GGML's order. */
  tensor(
    name: string | Uint8Array,
    dimensions: readonly bigint[],
    type: number,
    offset: bigint,
    rank?: number,
  ): this {
    this.string(name).u32(rank ?? dimensions.length);
    for (const dimension of dimensions) this.u64(dimension);
    return this.u32(type).u64(offset);
  }

  /** Zeros up to a multiple of `alignment`. */
  pad(alignment = 32): this {
    return this.raw(Buffer.alloc((alignment - (this.length % alignment)) % alignment));
  }

  zeros(count: number): this {
    return this.raw(Buffer.alloc(count));
  }

  bytes(): Buffer {
    return this.#bytes;
  }
}

/** GGUF's ids of the value types. */
export const type = { u8: 0, i8: 1, u32: 4, f32: 6, bool: 7, string: 8, array: 9, u64: 10, i64: 11 } as const;

/** A small correct file with every kind of value and three tensors, for truncation and mutation. */
export function validGguf(): RawGguf {
  return new RawGguf({ tensors: 3n, keys: 8n })
    .key("general.architecture", type.string)
    .string("fun-asr-nano")
    .key("a.u8", type.u8)
    .u8(7)
    .key("a.bool", type.bool)
    .u8(1)
    .key("a.i64", type.i64)
    .u64(-5n)
    .key("a.f32", type.f32)
    .u32(0x3f_80_00_00)
    .key("a.texts", type.array)
    .u32(type.string)
    .u64(3n)
    .string("你好")
    .string("")
    .string("<|im_end|>")
    .key("a.flags", type.array)
    .u32(type.bool)
    .u64(2n)
    .raw(Uint8Array.of(0, 1))
    .key("a.numbers", type.array)
    .u32(type.u32)
    .u64(2n)
    .u32(1)
    .u32(2)
    .tensor("encoder.weight", [4n, 3n], 0, 0n)
    .tensor("encoder.bias", [3n], 1, 64n)
    .tensor("decoder.weight", [32n, 2n], 8, 96n)
    .pad()
    .zeros(64 + 32 + 96);
}
