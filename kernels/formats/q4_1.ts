/** Q4_1: 32 values in 4 bits with a scale and a minimum, `x = n·d + m`. */
import type { Codec } from "./codec.ts";
import { maximum, minimum } from "./extremes.ts";
import { readHalf, writeHalf } from "./f16.ts";

const { fround } = Math;
const size = 32;
const half = 16;
const blockBytes = 20;

export const q4_1: Codec = {
  unpack(bytes, offset, target, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const d = readHalf(bytes, p);
      const m = readHalf(bytes, p + 2);
      for (let j = 0; j < half; j++) {
        const pair = bytes[p + 4 + j] as number;
        target[i + j] = fround((pair & 15) * d) + m;
        target[i + j + half] = fround((pair >> 4) * d) + m;
      }
    }
  },

  pack(values, bytes, offset, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const m = minimum(values, i, size);
      const d = fround(fround(maximum(values, i, size) - m) / 15);
      const inverse = d === 0 ? 0 : fround(1 / d);
      writeHalf(bytes, p, d);
      writeHalf(bytes, p + 2, m);
      for (let j = 0; j < half; j++) {
        const low = level(values[i + j] as number, m, inverse);
        const high = level(values[i + j + half] as number, m, inverse);
        bytes[p + 4 + j] = low | (high << 4);
      }
    }
  },
};

function level(x: number, m: number, inverse: number): number {
  return Math.min(15, Math.trunc(fround(fround(fround(x - m) * inverse) + 0.5)));
}
