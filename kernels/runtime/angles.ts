/** Angles of the rotary position embedding, as all backends compute them. */

export interface RotaryFrequencies {
  readonly headDim: number;
  readonly theta: number;
}

/** theta^(−2j/D) for j < D/2, each rounded to float32. */
export function inverseFrequencies({ headDim, theta }: RotaryFrequencies): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, j) => 1 / Math.fround(theta ** ((2 * j) / headDim)));
}

/**
 * Writes the cosines and sines of the first `positions` positions: those of frequency j at position t go to index
 * t · stride + j of their array. Angles are rounded to float32.
 */
export function writeAngles(
  frequencies: Float32Array,
  positions: number,
  cosines: Float32Array,
  sines: Float32Array,
  stride: number,
): void {
  for (let t = 0; t < positions; t++) {
    for (let j = 0; j < frequencies.length; j++) {
      const angle = Math.fround(t * frequencies[j]!);
      cosines[t * stride + j] = Math.cos(angle);
      sines[t * stride + j] = Math.sin(angle);
    }
  }
}
