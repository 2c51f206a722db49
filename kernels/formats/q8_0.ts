/** Q8_0: 32 values as signed bytes with one scale, `x = q·d`. */
import type { Codec } from "./codec.ts";
import { largest } from "./extremes.ts";
import { readHalf, writeHalf } from "./f16.ts";

const { fround } = Math;
const size = 32;
const blockBytes = 34;

export const q8_0: Codec = {
  unpack(bytes, offset, target, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const d = readHalf(bytes, p);
      for (let j = 0; j < size; j++) target[i + j] = d * (((bytes[p + 2 + j] as number) << 24) >> 24);
    }
  },

  pack(values, bytes, offset, count) {
    for (let i = 0, p = offset; i < count; i += size, p += blockBytes) {
      const d = fround(Math.abs(largest(values, i, size)) / 127);
      const inverse = d === 0 ? 0 : fround(1 / d); // of the scale before it is rounded to a half
      writeHalf(bytes, p, d);
      for (let j = 0; j < size; j++) {
        const q = fround((values[i + j] as number) * inverse);
        bytes[p + 2 + j] = q < 0 ? q - 0.5 : q + 0.5; // storing truncates: halves round away from zero
      }
    }
  },
};
