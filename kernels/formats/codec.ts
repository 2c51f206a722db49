/** Encoder and decoder of a storage format. `count` is always a whole number of the format's blocks. */
export interface Codec {
  /** Decodes `count` values from `bytes` at `offset` into the front of `target`. */
  unpack(bytes: Uint8Array, offset: number, target: Float32Array, count: number): void;
  /** Encodes the first `count` of `values` into `bytes` at `offset`. */
  pack(values: Float32Array, bytes: Uint8Array, offset: number, count: number): void;
}
