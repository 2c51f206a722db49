/** Q5_1: 32 values in 5 bits with a scale and a minimum, `x = n·d + m`. Like Q4_1, with the fifth bits in `qh`. */
import type { Codec } from "./codec.ts";
import { maximum, minimum } from "./extremes.ts";
import { readHalf, writeHalf } from "./f16.ts";
import { readFifthBits, writeFifthBits } from "./fifth-bits.ts";

const { fround } = Math;
const size = 32;
const half = 16;
const blockBytes = 24;

export const q5_1: Codec = {
  unpack(bytes, offset, target, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const d = readHalf(bytes, p);
      const m = readHalf(bytes, p + 2);
      const qh = readFifthBits(bytes, p + 4);
      for (let j = 0; j < half; j++) {
        const pair = bytes[p + 8 + j] as number;
        target[i + j] = fround(((pair & 15) | (((qh >>> j) & 1) << 4)) * d) + m;
        target[i + j + half] = fround(((pair >> 4) | (((qh >>> (j + half)) & 1) << 4)) * d) + m;
      }
    }
  },

  pack(values, bytes, offset, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const m = minimum(values, i, size);
      const d = fround(fround(maximum(values, i, size) - m) / 31);
      const inverse = d === 0 ? 0 : fround(1 / d);
      let qh = 0;
      writeHalf(bytes, p, d);
      writeHalf(bytes, p + 2, m);
      for (let j = 0; j < half; j++) {
        const low = level(values[i + j] as number, m, inverse);
        const high = level(values[i + j + half] as number, m, inverse);
        bytes[p + 8 + j] = (low & 15) | ((high & 15) << 4);
        qh |= (((low >> 4) & 1) << j) | (((high >> 4) & 1) << (j + half));
      }
      writeFifthBits(bytes, p + 4, qh);
    }
  },
};

function level(x: number, m: number, inverse: number): number {
  return Math.trunc(fround(fround(fround(x - m) * inverse) + 0.5));
}
