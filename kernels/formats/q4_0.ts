/** Q4_0: 32 values in 4 bits with one signed scale, `x = (n − 8)·d`. The value of largest magnitude gets n = 0. */
import type { Codec } from "./codec.ts";
import { largest } from "./extremes.ts";
import { readHalf, writeHalf } from "./f16.ts";

const { fround } = Math;
const size = 32;
const half = 16;
const blockBytes = 18;

export const q4_0: Codec = {
  unpack(bytes, offset, target, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const d = readHalf(bytes, p);
      for (let j = 0; j < half; j++) {
        const pair = bytes[p + 2 + j] as number;
        target[i + j] = ((pair & 15) - 8) * d;
        target[i + j + half] = ((pair >> 4) - 8) * d;
      }
    }
  },

  pack(values, bytes, offset, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const d = largest(values, i, size) / -8;
      const inverse = d === 0 ? 0 : fround(1 / d);
      writeHalf(bytes, p, d);
      for (let j = 0; j < half; j++) {
        const low = level(values[i + j] as number, inverse);
        const high = level(values[i + j + half] as number, inverse);
        bytes[p + 2 + j] = low | (high << 4);
      }
    }
  },
};

function level(x: number, inverse: number): number {
  return Math.min(15, Math.trunc(fround(fround(x * inverse) + 8.5)));
}
