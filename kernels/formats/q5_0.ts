/** Q5_0: 32 values in 5 bits with one signed scale, `x = (n − 16)·d`. Like Q4_0, with the fifth bits in `qh`. */
import type { Codec } from "./codec.ts";
import { largest } from "./extremes.ts";
import { readHalf, writeHalf } from "./f16.ts";
import { readFifthBits, writeFifthBits } from "./fifth-bits.ts";

const { fround } = Math;
const size = 32;
const half = 16;
const blockBytes = 22;

export const q5_0: Codec = {
  unpack(bytes, offset, target, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const d = readHalf(bytes, p);
      const qh = readFifthBits(bytes, p + 2);
      for (let j = 0; j < half; j++) {
        const pair = bytes[p + 6 + j] as number;
        target[i + j] = (((pair & 15) | (((qh >>> j) & 1) << 4)) - 16) * d;
        target[i + j + half] = (((pair >> 4) | (((qh >>> (j + half)) & 1) << 4)) - 16) * d;
      }
    }
  },

  pack(values, bytes, offset, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const d = largest(values, i, size) / -16;
      const inverse = d === 0 ? 0 : fround(1 / d);
      let qh = 0;
      writeHalf(bytes, p, d);
      for (let j = 0; j < half; j++) {
        const low = level(values[i + j] as number, inverse);
        const high = level(values[i + j + half] as number, inverse);
        bytes[p + 6 + j] = (low & 15) | ((high & 15) << 4);
        qh |= ((low >> 4) << j) | ((high >> 4) << (j + half));
      }
      writeFifthBits(bytes, p + 2, qh);
    }
  },
};

function level(x: number, inverse: number): number {
  return Math.min(31, Math.trunc(fround(fround(x * inverse) + 16.5)));
}
