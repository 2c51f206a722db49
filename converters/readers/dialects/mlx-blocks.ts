/** Groups of MLX as blocks of GGML: the same codes, scales and biases in another order. */

const blockSize = 32;

interface Packing {
  /** A code for each element, below 16, or below 32 with `fifthBit`. */
  readonly codes: Uint8Array;
  readonly groupSize: number;
  /** F16, one for each group. */
  readonly scale: Uint8Array;
  readonly bias: Uint8Array;
  /** Q5_1, whose fifth bits are four bytes between scale, bias and the halves; else Q4_1. */
  readonly fifthBit: boolean;
}

/** Writes Q4_1 or Q5_1 blocks: scale, bias, fifth bits, and a byte for the elements i and i + 16 each. */
export function packGroups({ codes, groupSize, scale, bias, fifthBit }: Packing, target: Uint8Array): void {
  const half = blockSize / 2;
  let at = 0;
  for (let first = 0; first < codes.length; first += blockSize) {
    const group = Math.floor(first / groupSize);
    target.set(scale.subarray(2 * group, 2 * group + 2), at);
    target.set(bias.subarray(2 * group, 2 * group + 2), at + 2);
    at += 4;
    if (fifthBit) {
      target.fill(0, at, at + 4);
      for (let i = 0; i < blockSize; i++) target[at + (i >>> 3)]! |= (codes[first + i]! >>> 4) << (i & 7);
      at += 4;
    }
    for (let i = 0; i < half; i++)
      target[at + i] = (codes[first + i]! & 15) | ((codes[first + half + i]! & 15) << 4);
    at += half;
  }
}
