/**
 * Sinusoidal positions as FunASR adds them to the features: row t (counted from 1) holds sin(t·f_j), then cos(t·f_j),
 * for D/2 frequencies f_j = 10000^(−j/(D/2−1)), in two halves. Angles are rounded to float32 like the original's.
 * Source: FunASR SinusoidalPositionEncoder.
 */
import { tensor } from "./ops.ts";
import type { Tensor } from "./ops.ts";

export function sinusoidalPositions(frames: number, size: number): Tensor {
  const half = size / 2;
  const increment = Math.fround(Math.log(10_000) / (half - 1));
  const frequencies = Float32Array.from({ length: half }, (_, j) => Math.exp(Math.fround(-j * increment)));
  const table = new Float32Array(frames * size);
  for (let t = 0; t < frames; t++) {
    for (let j = 0; j < half; j++) {
      const angle = Math.fround((t + 1) * frequencies[j]!);
      table[t * size + j] = Math.sin(angle);
      table[t * size + half + j] = Math.cos(angle);
    }
  }
  return tensor(table, [frames, size]); // [T, D]
}
