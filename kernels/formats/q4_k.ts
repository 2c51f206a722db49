/** Q4_K: 256 values in 4 bits; see k-blocks.ts. Low nibbles of 32 bytes are one sub-block, high nibbles the next. */
import type { Codec } from "./codec.ts";
import { quantizeSuperBlock, readSubBlock, subBlock, superBlock } from "./k-blocks.ts";

const { fround } = Math;
const blockBytes = 144;
const search = { nmax: 15, rmin: -1, steps: 20 };
const levels = new Uint8Array(superBlock);

export const q4_k: Codec = {
  unpack(bytes, offset, target, count) {
    for (let i = 0, p = offset; i < count; i += superBlock, p += blockBytes) {
      for (let j = 0; j < 8; j++) {
        const { scale, minimum } = readSubBlock(bytes, p, j);
        const qs = p + 16 + (j >> 1) * subBlock;
        const nibble = (j & 1) * 4;
        for (let l = 0; l < subBlock; l++) {
          const n = ((bytes[qs + l] as number) >> nibble) & 15;
          target[i + j * subBlock + l] = fround(scale * n) - minimum;
        }
      }
    }
  },

  pack(values, bytes, offset, count) {
    for (let i = 0, p = offset; i < count; i += superBlock, p += blockBytes) {
      quantizeSuperBlock(values, i, search, levels, bytes, p);
      for (let group = 0; group < 4; group++) {
        for (let l = 0; l < subBlock; l++) {
          const low = levels[64 * group + l] as number;
          const high = levels[64 * group + subBlock + l] as number;
          bytes[p + 16 + group * subBlock + l] = low | (high << 4);
        }
      }
    }
  },
};
