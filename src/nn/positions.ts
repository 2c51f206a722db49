/**
 * Sinusoidal positions as FunASR adds them to the features: row t (counted from 1) holds sin(t·f_j), then cos(t·f_j),
 * for D/2 frequencies f_j = 10000^(−j/(D/2−1)), in two halves. Angles are rounded to float32 like the original's.
 * Source: FunASR SinusoidalPositionEncoder.
 */
import { tensor } from "./ops.ts";
import type { Tensor } from "./ops.ts";

/** Rows that are kept from call to call, at most: those of about four minutes, 9 MB. */
const MOST_KEPT = 4096;

/** The first rows, for any number of frames. */
export function sinusoidalPositions(size: number): (frames: number) => Tensor {
  const half = size / 2;
  const increment = Math.fround(Math.log(10_000) / (half - 1));
  const frequencies = Float32Array.from({ length: half }, (_, j) => Math.exp(Math.fround(-j * increment)));
  let kept = new Float32Array(0);

  /** `kept`, and the rows behind it. */
  function extended(frames: number): Float32Array<ArrayBuffer> {
    const table = new Float32Array(frames * size);
    table.set(kept);
    for (let t = kept.length / size; t < frames; t++) {
      for (let j = 0; j < half; j++) {
        const angle = Math.fround((t + 1) * frequencies[j]!);
        table[t * size + j] = Math.sin(angle);
        table[t * size + half + j] = Math.cos(angle);
      }
    }
    return table;
  }

  return (frames) => {
    const table = frames * size > kept.length ? extended(frames) : kept;
    if (frames <= MOST_KEPT) kept = table;
    return tensor(table.slice(0, frames * size), [frames, size]); // [T, D]
  };
}
