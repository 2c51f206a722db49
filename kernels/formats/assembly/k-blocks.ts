/** Q4_K and Q5_K: see ../k-blocks.ts, which has the same names. Lanes are sub-blocks, in two halves of four. */
import { floatToHalf, halfToFloat, levels, nearest, select } from "./floats";
import { INPUT, MINIMA, N, OUTPUT, SCALES, STORED_MINIMA, STORED_SCALES, SUPER_BLOCK, W, X } from "./layout";

const SUB_BLOCK: i32 = 32;
const SUB_BLOCKS: i32 = 8;
/** Bytes from row to row of X, W and N, and after their last row. */
const ROW: usize = 32;
const END: usize = 32 * 32;
const RDELTA: f32 = 0.1;

/** INPUT to OUTPUT, `count` super-blocks of 144 bytes. */
export function quantizeQ4K(count: i32): void {
  for (let block = 0; block < count; block++) {
    const p = OUTPUT + <usize>(block * 144);
    quantizeSuperBlock(INPUT + ((<usize>(block * SUPER_BLOCK)) << 2), p, 15, -1, 20);
    for (let l = 0; l < SUB_BLOCK; l++) {
      for (let group = 0; group < 4; group++) {
        const n = level(l, 2 * group) | (level(l, 2 * group + 1) << 4);
        store<u8>(p + <usize>(16 + group * SUB_BLOCK + l), <u8>n);
      }
    }
  }
}

/** INPUT to OUTPUT, `count` super-blocks of 176 bytes. */
export function quantizeQ5K(count: i32): void {
  for (let block = 0; block < count; block++) {
    const p = OUTPUT + <usize>(block * 176);
    quantizeSuperBlock(INPUT + ((<usize>(block * SUPER_BLOCK)) << 2), p, 31, -0.5, 15);
    for (let l = 0; l < SUB_BLOCK; l++) {
      let fifths = 0;
      for (let group = 0; group < 4; group++) {
        const low = level(l, 2 * group);
        const high = level(l, 2 * group + 1);
        fifths |= ((low >> 4) | ((high >> 4) << 1)) << (2 * group);
        store<u8>(p + <usize>(48 + group * SUB_BLOCK + l), <u8>((low & 15) | ((high & 15) << 4)));
      }
      store<u8>(p + <usize>(16 + l), <u8>fifths);
    }
  }
}

/** The stored level of value `l` of sub-block `j`. */
function level(l: i32, j: i32): i32 {
  return load<i32>(N + <usize>l * ROW + <usize>(j << 2));
}

function quantizeSuperBlock(values: usize, p: usize, nmax: f32, rmin: f32, steps: i32): void {
  for (let j = 0; j < SUB_BLOCKS; j++) {
    for (let l = 0; l < SUB_BLOCK; l++) {
      const x = load<f32>(values + ((<usize>(j * SUB_BLOCK + l)) << 2));
      store<f32>(X + <usize>l * ROW + <usize>(j << 2), x);
    }
  }
  for (let half: usize = 0; half < ROW; half += 16) fitSubBlocks(half, nmax, rmin, steps);
  writeHead(p);
  for (let half: usize = 0; half < ROW; half += 16) chooseStored(half, nmax);
}

/** d, dmin and the packed scales; what they decode to goes to STORED_SCALES and STORED_MINIMA. */
function writeHead(p: usize): void {
  let maxScale: f32 = 0;
  let maxMinimum: f32 = 0;
  for (let j: usize = 0; j < 32; j += 4) {
    maxScale = max<f32>(maxScale, load<f32>(SCALES + j));
    maxMinimum = max<f32>(maxMinimum, load<f32>(MINIMA + j));
  }
  const inverseScale: f32 = maxScale > 0 ? 63 / maxScale : 0;
  const inverseMinimum: f32 = maxMinimum > 0 ? 63 / maxMinimum : 0;
  const half = floatToHalf(maxScale / 63);
  const minimumHalf = floatToHalf(maxMinimum / 63);
  const d = halfToFloat(half);
  const dmin = halfToFloat(minimumHalf);
  store<u16>(p, <u16>half);
  store<u16>(p + 2, <u16>minimumHalf);
  for (let j: usize = 0; j < 8; j++) {
    const scale = min<i32>(63, <i32>nearest(inverseScale * load<f32>(SCALES + (j << 2))) & 255);
    const minimum = min<i32>(63, <i32>nearest(inverseMinimum * load<f32>(MINIMA + (j << 2))) & 255);
    store<f32>(STORED_SCALES + (j << 2), d * <f32>scale);
    store<f32>(STORED_MINIMA + (j << 2), dmin * <f32>minimum);
    const q = p + 4 + j;
    if (j < 4) {
      store<u8>(q, <u8>scale);
      store<u8>(q + 4, <u8>minimum);
    } else {
      store<u8>(q + 4, <u8>((scale & 15) | ((minimum & 15) << 4)));
      store<u8>(q - 4, load<u8>(q - 4) | <u8>((scale >> 4) << 6));
      store<u8>(q, load<u8>(q) | <u8>((minimum >> 4) << 6));
    }
  }
}

/** Again with the scales as stored; a sub-block whose scale became 0 keeps its levels. */
function chooseStored(half: usize, nmax: f32): void {
  const scale = v128.load(STORED_SCALES + half);
  const minimum = v128.load(STORED_MINIMA + half);
  const kept = f32x4.eq(scale, f32x4.splat(0));
  for (let i: usize = half; i < END; i += ROW) {
    const quotient = f32x4.div(f32x4.add(v128.load(X + i), minimum), scale);
    const n = levels(quotient, f32x4.splat(0), f32x4.splat(nmax));
    v128.store(N + i, i32x4.trunc_sat_f32x4_s(select(kept, v128.load(N + i), n)));
  }
}

/** Fits `scale·n + low` to four sub-blocks: scale to SCALES, −low to MINIMA, levels to N. */
function fitSubBlocks(half: usize, nmax: f32, rmin: f32, steps: i32): void {
  weigh(half);
  const zero = f32x4.splat(0);
  let low = v128.load(X + half);
  let high = low;
  let sumW = v128.load(W + half);
  let sumX = f32x4.mul(sumW, low);
  for (let i = half + ROW; i < END; i += ROW) {
    const x = v128.load(X + i);
    const w = v128.load(W + i);
    low = f32x4.pmin(low, x);
    high = f32x4.pmax(high, x);
    sumW = f32x4.add(sumW, w);
    sumX = f32x4.add(sumX, f32x4.mul(w, x));
  }
  low = f32x4.pmin(low, zero);
  const flat = f32x4.eq(high, low);
  const flatLow = low;

  let inverse = f32x4.div(f32x4.splat(nmax), f32x4.sub(high, low));
  let scale = f32x4.div(f32x4.splat(1), inverse);
  chooseLevels(half, inverse, low, nmax);
  let best = weightedError(half, scale, low);
  let bestInverse = inverse;
  let bestStart = low;

  for (let k = 0; k <= steps; k++) {
    inverse = f32x4.div(f32x4.splat(rmin + RDELTA * <f32>k + nmax), f32x4.sub(high, low));
    let a = zero; // Σ w·n
    let b = zero; // Σ w·n²
    let c = zero; // Σ w·n·x
    for (let i = half; i < END; i += ROW) {
      const x = v128.load(X + i);
      const n = levels(f32x4.mul(inverse, f32x4.sub(x, low)), zero, f32x4.splat(nmax));
      v128.store(N + i, n);
      const wn = f32x4.mul(v128.load(W + i), n);
      a = f32x4.add(a, wn);
      b = f32x4.add(b, f32x4.mul(wn, n));
      c = f32x4.add(c, f32x4.mul(wn, x));
    }
    const determinant = f32x4.sub(f32x4.mul(sumW, b), f32x4.mul(a, a));
    let newScale = f32x4.div(f32x4.sub(f32x4.mul(sumW, c), f32x4.mul(sumX, a)), determinant);
    let newLow = f32x4.div(f32x4.sub(f32x4.mul(b, sumX), f32x4.mul(a, c)), determinant);
    const above = f32x4.gt(newLow, zero);
    newLow = select(above, zero, newLow);
    newScale = select(above, f32x4.div(c, b), newScale);
    const error = weightedError(half, newScale, newLow);
    const better = v128.and(f32x4.gt(determinant, zero), f32x4.lt(error, best));
    best = select(better, error, best);
    scale = select(better, newScale, scale);
    bestInverse = select(better, inverse, bestInverse);
    bestStart = select(better, low, bestStart);
    low = select(better, newLow, low);
  }
  // Levels follow from where their search began, so that they need not be kept for every step.
  chooseLevels(half, bestInverse, bestStart, nmax);
  for (let i = half; i < END; i += ROW) v128.store(N + i, select(flat, zero, v128.load(N + i)));
  v128.store(SCALES + half, select(flat, zero, scale));
  v128.store(MINIMA + half, f32x4.neg(select(flat, flatLow, low)));
}

/** Large values matter more: w = rms + |x|. */
function weigh(half: usize): void {
  let squares = f32x4.splat(0);
  for (let i = half; i < END; i += ROW) {
    const x = v128.load(X + i);
    squares = f32x4.add(squares, f32x4.mul(x, x));
  }
  const rms = f32x4.sqrt(f32x4.div(squares, f32x4.splat(<f32>SUB_BLOCK)));
  for (let i = half; i < END; i += ROW) v128.store(W + i, f32x4.add(rms, f32x4.abs(v128.load(X + i))));
}

/** n = (x − low) · inverse, to the nearest level. */
function chooseLevels(half: usize, inverse: v128, low: v128, nmax: f32): void {
  for (let i = half; i < END; i += ROW) {
    const n = f32x4.mul(inverse, f32x4.sub(v128.load(X + i), low));
    v128.store(N + i, levels(n, f32x4.splat(0), f32x4.splat(nmax)));
  }
}

/** Σ w·(scale·n + low − x)² */
function weightedError(half: usize, scale: v128, low: v128): v128 {
  let sum = f32x4.splat(0);
  for (let i = half; i < END; i += ROW) {
    const e = f32x4.sub(f32x4.add(f32x4.mul(scale, v128.load(N + i)), low), v128.load(X + i));
    sum = f32x4.add(sum, f32x4.mul(v128.load(W + i), f32x4.mul(e, e)));
  }
  return sum;
}
