/**
 * What Q4_K and Q5_K share: a super-block of 256 values in 8 sub-blocks of 32, each with a 6-bit scale and a 6-bit
 * minimum, `x = (d·s)·n − (dmin·m)`. All arithmetic of the search is single precision, one rounding per operation,
 * sums in index order, so that the bytes equal ggml's.
 */
import { readHalf, writeHalf } from "./f16.ts";

const { fround } = Math;
export const superBlock = 256;
export const subBlock = 32;
const subBlocks = 8;

/** The range of the search for a sub-block's scale; `nmax` is the highest level. */
interface Search {
  readonly nmax: number;
  readonly rmin: number;
  readonly steps: number;
}

const rdelta = fround(0.1);
const shift = 12582912; // 1.5·2²³: adding it to a float leaves no room for a fraction

/** Rounds to nearest even, as ggml does, for |value| ≤ 4194303. */
export function nearest(value: number): number {
  return fround(fround(value) + shift) - shift;
}

export function clamp(level: number, low: number, high: number): number {
  return level < low ? low : level > high ? high : level;
}

/** The scale (of two) at index j of the 12 bytes at `p`. */
function unpackScale(bytes: Uint8Array, p: number, j: number): number {
  if (j < 4) return (bytes[p + j] as number) & 63;
  return ((bytes[p + j + 4] as number) & 15) | (((bytes[p + j - 4] as number) >> 6) << 4);
}

function unpackMinimum(bytes: Uint8Array, p: number, j: number): number {
  if (j < 4) return (bytes[p + j + 4] as number) & 63;
  return ((bytes[p + j + 4] as number) >> 4) | (((bytes[p + j] as number) >> 6) << 4);
}

function packScales(bytes: Uint8Array, p: number, scales: Uint8Array, minima: Uint8Array): void {
  for (let j = 0; j < 4; j++) {
    const s = scales[j + 4] as number;
    const m = minima[j + 4] as number;
    bytes[p + j] = (scales[j] as number) | ((s >> 4) << 6);
    bytes[p + j + 4] = (minima[j] as number) | ((m >> 4) << 6);
    bytes[p + j + 8] = (s & 15) | ((m & 15) << 4);
  }
}

const weights = new Float32Array(subBlock);
/** The current sub-block, and trial levels for it. */
const block = new Float32Array(subBlock);
const trial = new Float32Array(subBlock);
const scales = new Float32Array(subBlocks);
const minima = new Float32Array(subBlocks);
const packedScales = new Uint8Array(subBlocks);
const packedMinima = new Uint8Array(subBlocks);

/**
 * Finds the levels of the super-block of `values` at `start`, and writes its first 16 bytes (d, dmin, scales) at `p`.
 */
export function quantizeSuperBlock(
  values: Float32Array,
  start: number,
  search: Search,
  levels: Uint8Array,
  bytes: Uint8Array,
  p: number,
): void {
  let maxScale = 0;
  let maxMinimum = 0;
  for (let j = 0; j < subBlocks; j++) {
    fitSubBlock(values, start + j * subBlock, search, levels, j);
    maxScale = Math.max(maxScale, scales[j] as number);
    maxMinimum = Math.max(maxMinimum, minima[j] as number);
  }
  const inverseScale = maxScale > 0 ? fround(63 / maxScale) : 0;
  const inverseMinimum = maxMinimum > 0 ? fround(63 / maxMinimum) : 0;
  for (let j = 0; j < subBlocks; j++) {
    packedScales[j] = Math.min(63, nearest(inverseScale * (scales[j] as number)) & 255);
    packedMinima[j] = Math.min(63, nearest(inverseMinimum * (minima[j] as number)) & 255);
  }
  const d = writeHalf(bytes, p, maxScale / 63);
  const dmin = writeHalf(bytes, p + 2, maxMinimum / 63);
  packScales(bytes, p + 4, packedScales, packedMinima);

  // Again with the scales as stored; a sub-block whose scale became 0 keeps its levels, which do not matter then.
  for (let j = 0; j < subBlocks; j++) {
    const scale = fround(d * (packedScales[j] as number));
    if (scale === 0) continue;
    const minimum = fround(dmin * (packedMinima[j] as number));
    for (let i = j * subBlock; i < (j + 1) * subBlock; i++) {
      const x = values[start + i] as number;
      levels[i] = clamp(nearest(fround(fround(x + minimum) / scale)), 0, search.nmax);
    }
  }
}

/** Fits `scale·n + low` to sub-block j by weighted least squares, trying `steps` + 1 inverse scales. */
function fitSubBlock(
  values: Float32Array,
  start: number,
  search: Search,
  levels: Uint8Array,
  j: number,
): void {
  const { nmax, rmin, steps } = search;
  weigh(values, start);
  let low = block[0] as number;
  let high = low;
  let sumW = weights[0] as number;
  let sumX = fround(sumW * low);
  for (let i = 1; i < subBlock; i++) {
    const x = block[i] as number;
    const w = weights[i] as number;
    if (x < low) low = x;
    if (x > high) high = x;
    sumW = fround(sumW + w);
    sumX = fround(sumX + fround(w * x));
  }
  if (low > 0) low = 0;
  if (high === low) {
    levels.fill(0, j * subBlock, (j + 1) * subBlock);
    scales[j] = 0;
    minima[j] = -low;
    return;
  }

  const first = fround(nmax / fround(high - low));
  let scale = fround(1 / first);
  chooseLevels(first, low, nmax);
  levels.set(trial, j * subBlock);
  let best = weightedError(scale, low);

  for (let k = 0; k <= steps; k++) {
    const inverse = fround(fround(fround(rmin + fround(rdelta * k)) + nmax) / fround(high - low));
    chooseLevels(inverse, low, nmax);
    let a = 0; // Σ w·n
    let b = 0; // Σ w·n²
    let c = 0; // Σ w·n·x
    for (let i = 0; i < subBlock; i++) {
      const n = trial[i] as number;
      const wn = fround((weights[i] as number) * n);
      a = fround(a + wn);
      b = fround(b + fround(wn * n));
      c = fround(c + fround(wn * (block[i] as number)));
    }
    const determinant = fround(fround(sumW * b) - fround(a * a));
    if (!(determinant > 0)) continue;
    let newScale = fround(fround(fround(sumW * c) - fround(sumX * a)) / determinant);
    let newLow = fround(fround(fround(b * sumX) - fround(a * c)) / determinant);
    if (newLow > 0) {
      newLow = 0;
      newScale = fround(c / b);
    }
    const error = weightedError(newScale, newLow);
    if (error < best) {
      best = error;
      scale = newScale;
      low = newLow; // later inverse scales start from here, as in ggml's search
      levels.set(trial, j * subBlock);
    }
  }
  scales[j] = scale;
  minima[j] = -low;
}

/** Large values matter more: w = rms + |x|. */
function weigh(values: Float32Array, start: number): void {
  let squares = 0;
  for (let i = 0; i < subBlock; i++) {
    const x = values[start + i] as number;
    block[i] = x;
    squares = fround(squares + fround(x * x));
  }
  const rms = fround(Math.sqrt(fround(squares / subBlock)));
  for (let i = 0; i < subBlock; i++) weights[i] = rms + Math.abs(block[i] as number);
}

/** n = (x − low) · inverse, to the nearest level. */
function chooseLevels(inverse: number, low: number, nmax: number): void {
  for (let i = 0; i < subBlock; i++) {
    const n = fround(fround(inverse * fround((block[i] as number) - low)) + shift) - shift;
    trial[i] = n < 0 ? 0 : n > nmax ? nmax : n;
  }
}

/** Σ w·(scale·n + low − x)² over the trial levels. */
function weightedError(scale: number, low: number): number {
  let sum = 0;
  for (let i = 0; i < subBlock; i++) {
    const e = fround(fround(fround(scale * (trial[i] as number)) + low) - (block[i] as number));
    sum = fround(sum + fround((weights[i] as number) * fround(e * e)));
  }
  return sum;
}

/** Decoding constants of sub-block j: `x = scale·n − minimum`. */
export function readSubBlock(bytes: Uint8Array, p: number, j: number): { scale: number; minimum: number } {
  return {
    scale: fround(readHalf(bytes, p) * unpackScale(bytes, p + 4, j)),
    minimum: fround(readHalf(bytes, p + 2) * unpackMinimum(bytes, p + 4, j)),
  };
}
