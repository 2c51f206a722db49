/** Q5_K: 256 values in 5 bits; see k-blocks.ts. As Q4_K, and bit j of `qh[l]` is the fifth bit of value l of sub-block j. */
import type { Codec } from "./codec.ts";
import { quantizeSuperBlock, readSubBlock, subBlock, superBlock } from "./k-blocks.ts";

const { fround } = Math;
const blockBytes = 176;
const search = { nmax: 31, rmin: -0.5, steps: 15 };
const levels = new Uint8Array(superBlock);

export const q5_k: Codec = {
  unpack(bytes, offset, target, count) {
    for (let i = 0, p = offset; i < count; i += superBlock, p += blockBytes) {
      for (let j = 0; j < 8; j++) {
        const { scale, minimum } = readSubBlock(bytes, p, j);
        const qs = p + 48 + (j >> 1) * subBlock;
        const nibble = (j & 1) * 4;
        for (let l = 0; l < subBlock; l++) {
          const fifth = ((bytes[p + 16 + l] as number) >> j) & 1;
          const n = (((bytes[qs + l] as number) >> nibble) & 15) | (fifth << 4);
          target[i + j * subBlock + l] = fround(scale * n) - minimum;
        }
      }
    }
  },

  pack(values, bytes, offset, count) {
    for (let i = 0, p = offset; i < count; i += superBlock, p += blockBytes) {
      quantizeSuperBlock(values, i, search, levels, bytes, p);
      bytes.fill(0, p + 16, p + 48);
      for (let group = 0; group < 4; group++) {
        for (let l = 0; l < subBlock; l++) {
          const low = levels[64 * group + l] as number;
          const high = levels[64 * group + subBlock + l] as number;
          const fifths = (low >> 4) | ((high >> 4) << 1);
          bytes[p + 16 + l] = (bytes[p + 16 + l] as number) | (fifths << (2 * group));
          bytes[p + 48 + group * subBlock + l] = (low & 15) | ((high & 15) << 4);
        }
      }
    }
  },
};
