/** BF16: the upper half of a float. Encoding rounds to nearest even; a NaN stays one and becomes quiet. */
import type { Codec } from "./codec.ts";

export const bf16: Codec = {
  unpack(bytes, offset, target, count) {
    const bits = bitsOf(target, count);
    for (let i = 0; i < count; i++) {
      const p = offset + 2 * i;
      bits[i] = ((bytes[p] as number) << 16) | ((bytes[p + 1] as number) << 24);
    }
  },
  pack(values, bytes, offset, count) {
    const bits = bitsOf(values, count);
    for (let i = 0; i < count; i++) {
      const u = bits[i] as number;
      const nan = (u & 0x7fffffff) > 0x7f800000;
      const upper = nan ? (u >>> 16) | 64 : (u + 0x7fff + ((u >>> 16) & 1)) >>> 16;
      bytes[offset + 2 * i] = upper;
      bytes[offset + 2 * i + 1] = upper >> 8;
    }
  },
};

function bitsOf(values: Float32Array, count: number): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, count);
}
