/** F32: IEEE single, little-endian. Typed arrays have the platform's byte order, which is little-endian wherever Node runs. */
import type { Codec } from "./codec.ts";

export const f32: Codec = {
  unpack(bytes, offset, target, count) {
    bytesOf(target, count).set(bytes.subarray(offset, offset + 4 * count));
  },
  pack(values, bytes, offset, count) {
    bytes.set(bytesOf(values, count), offset);
  },
};

function bytesOf(values: Float32Array, count: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, 4 * count);
}
