/**
 * Q6_K: 256 values in 6 bits, in 16 sub-blocks of 16 with an 8-bit scale each, `x = (d·s)·(n − 32)`.
 * Single precision throughout, one rounding per operation, as in k-blocks.ts.
 */
import type { Codec } from "./codec.ts";
import { largest } from "./extremes.ts";
import { readHalf, writeHalf } from "./f16.ts";
import { clamp, nearest, superBlock } from "./k-blocks.ts";

const { fround } = Math;
const blockBytes = 210;
const subBlock = 16;
const tiny = fround(1e-15); // below this a block counts as zero
const levels = new Uint8Array(superBlock);
const trial = new Uint8Array(subBlock);
const scales = new Float32Array(16);

export const q6_k: Codec = {
  unpack(bytes, offset, target, count) {
    for (let i = 0, block = offset; i < count; i += superBlock, block += blockBytes) {
      const d = readHalf(bytes, block + 208);
      for (let half = 0; half < 2; half++) {
        const ql = block + 64 * half;
        const qh = block + 128 + 32 * half;
        for (let l = 0; l < 128; l++) {
          const nibble = ((bytes[ql + (l & 63)] as number) >> ((l >> 6) << 2)) & 15;
          const upper = ((bytes[qh + (l & 31)] as number) >> ((l >> 5) << 1)) & 3;
          const scale = ((bytes[block + 192 + 8 * half + (l >> 4)] as number) << 24) >> 24;
          target[i + 128 * half + l] = fround(d * scale) * ((nibble | (upper << 4)) - 32);
        }
      }
    }
  },

  pack(values, bytes, offset, count) {
    for (let i = 0, p = offset; i < count; i += superBlock, p += blockBytes) {
      bytes.fill(0, p, p + blockBytes);
      if (quantizeSuperBlock(values, i, bytes, p)) packLevels(bytes, p);
    }
  },
};

/** Writes scales and d, and fills `levels`; false if the block is zero. */
function quantizeSuperBlock(values: Float32Array, start: number, bytes: Uint8Array, p: number): boolean {
  for (let j = 0; j < 16; j++) scales[j] = fitSubBlock(values, start + j * subBlock, j * subBlock);
  const maxScale = largest(scales, 0, 16);
  if (Math.abs(maxScale) < tiny) return false;
  const inverse = fround(-128 / maxScale);
  const d = writeHalf(bytes, p + 208, fround(1 / inverse));
  for (let j = 0; j < 16; j++) {
    const packed = Math.min(127, nearest(fround(inverse * (scales[j] as number))));
    bytes[p + 192 + j] = packed;
    const scale = fround(d * packed);
    if (scale === 0) continue;
    for (let i = j * subBlock; i < (j + 1) * subBlock; i++) {
      levels[i] = clamp(nearest(fround((values[start + i] as number) / scale)), -32, 31) + 32;
    }
  }
  return true;
}

/** Fits `scale·(n − 32)` to 16 values, large ones weighing more (w = x²), trying 19 inverse scales. */
function fitSubBlock(values: Float32Array, start: number, into: number): number {
  const extreme = largest(values, start, subBlock);
  if (Math.abs(extreme) < tiny) {
    levels.fill(0, into, into + subBlock);
    return 0;
  }
  let scale = 0;
  let best = 0;
  for (let k = -10; k <= 9; k++) {
    if (k === 0) continue;
    const plain = k === -10; // the first try takes the extreme unchanged, and always counts
    const inverse = fround((plain ? -32 : -fround(32 + fround(fround(0.1) * k))) / extreme);
    let a = 0; // Σ w·x·n
    let b = 0; // Σ w·n²
    for (let i = 0; i < subBlock; i++) {
      const x = values[start + i] as number;
      const w = fround(x * x);
      const n = clamp(nearest(fround(inverse * x)), -32, 31);
      trial[i] = n + 32;
      a = fround(a + fround(fround(w * x) * n));
      b = fround(b + fround(fround(w * n) * n));
    }
    if (plain || (b > 0 && fround(a * a) > fround(best * b))) {
      levels.set(trial, into);
      scale = b === 0 ? 0 : fround(a / b);
      best = fround(scale * a);
    }
  }
  return scale;
}

function packLevels(bytes: Uint8Array, p: number): void {
  for (let i = 0; i < superBlock; i++) {
    const half = i >> 7;
    const l = i & 127;
    const n = levels[i] as number;
    const ql = p + 64 * half + (l & 63);
    const qh = p + 128 + 32 * half + (l & 31);
    bytes[ql] = (bytes[ql] as number) | ((n & 15) << ((l >> 6) << 2));
    bytes[qh] = (bytes[qh] as number) | ((n >> 4) << ((l >> 5) << 1));
  }
}
