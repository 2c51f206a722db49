/** Q6_K: see ../q6_k.ts, which has the same names. Lanes are sub-blocks, in four groups of four. */
import { floatToHalf, halfToFloat, levels, nearest, select } from "./floats";
import { INPUT, N, OUTPUT, SCALES, STORED_SCALES, SUPER_BLOCK, W, X } from "./layout";

const SUB_BLOCK: i32 = 16;
const SUB_BLOCKS: i32 = 16;
const BLOCK_BYTES: i32 = 210;
/** Bytes from row to row of X, W and N, and after their last row. */
const ROW: usize = 64;
const END: usize = 16 * 64;
const TINY: f32 = 1e-15;

/** INPUT to OUTPUT, `count` super-blocks of 210 bytes. */
export function quantizeQ6K(count: i32): void {
  for (let block = 0; block < count; block++) {
    const p = OUTPUT + <usize>(block * BLOCK_BYTES);
    memory.fill(p, 0, BLOCK_BYTES);
    if (quantizeSuperBlock(INPUT + ((<usize>(block * SUPER_BLOCK)) << 2), p)) packLevels(p);
  }
}

function quantizeSuperBlock(values: usize, p: usize): bool {
  for (let j = 0; j < SUB_BLOCKS; j++) {
    for (let l = 0; l < SUB_BLOCK; l++) {
      const x = load<f32>(values + ((<usize>(j * SUB_BLOCK + l)) << 2));
      store<f32>(X + <usize>l * ROW + <usize>(j << 2), x);
    }
  }
  for (let group: usize = 0; group < ROW; group += 16) fitSubBlocks(group);
  if (!writeScales(p)) return false;
  for (let group: usize = 0; group < ROW; group += 16) chooseStored(group);
  return true;
}

/** Fits `scale·(n − 32)` to four sub-blocks, large values weighing more (w = x²): SCALES, and n to N. */
function fitSubBlocks(group: usize): void {
  const zero = f32x4.splat(0);
  let magnitude = zero;
  let extreme = zero;
  for (let i = group; i < END; i += ROW) {
    const x = v128.load(X + i);
    const larger = f32x4.gt(f32x4.abs(x), magnitude);
    magnitude = select(larger, f32x4.abs(x), magnitude);
    extreme = select(larger, x, extreme);
    v128.store(W + i, f32x4.mul(x, x));
  }
  const low = f32x4.splat(-32);
  const high = f32x4.splat(31);
  let scale = zero;
  let best = zero;
  let bestInverse = zero;
  for (let k = -10; k <= 9; k++) {
    if (k === 0) continue;
    const plain = k === -10; // the first try takes the extreme unchanged, and always counts
    const reach: f32 = plain ? 32 : 32 + <f32>0.1 * <f32>k;
    const inverse = f32x4.div(f32x4.splat(-reach), extreme);
    let a = zero; // Σ w·x·n
    let b = zero; // Σ w·n²
    for (let i = group; i < END; i += ROW) {
      const x = v128.load(X + i);
      const w = v128.load(W + i);
      const n = levels(f32x4.mul(inverse, x), low, high);
      a = f32x4.add(a, f32x4.mul(f32x4.mul(w, x), n));
      b = f32x4.add(b, f32x4.mul(f32x4.mul(w, n), n));
    }
    const better = plain
      ? i32x4.splat(-1)
      : v128.and(f32x4.gt(b, zero), f32x4.gt(f32x4.mul(a, a), f32x4.mul(best, b)));
    const newScale = select(f32x4.eq(b, zero), zero, f32x4.div(a, b));
    scale = select(better, newScale, scale);
    best = select(better, f32x4.mul(newScale, a), best);
    bestInverse = select(better, inverse, bestInverse);
  }
  const nothing = f32x4.lt(magnitude, f32x4.splat(TINY));
  v128.store(SCALES + group, select(nothing, zero, scale));
  for (let i = group; i < END; i += ROW) {
    const n = levels(f32x4.mul(bestInverse, v128.load(X + i)), low, high);
    v128.store(N + i, select(nothing, zero, f32x4.add(n, f32x4.splat(32))));
  }
}

/** Writes scales and d; false if the block is zero. */
function writeScales(p: usize): bool {
  let magnitude: f32 = 0;
  let maxScale: f32 = 0;
  for (let j: usize = 0; j < 64; j += 4) {
    const scale = load<f32>(SCALES + j);
    if (abs<f32>(scale) > magnitude) {
      magnitude = abs<f32>(scale);
      maxScale = scale;
    }
  }
  if (magnitude < TINY) return false;
  const inverse: f32 = -128 / maxScale;
  const half = floatToHalf(1 / inverse);
  const d = halfToFloat(half);
  store<u16>(p + 208, <u16>half);
  for (let j: usize = 0; j < 16; j++) {
    const packed = min<f32>(127, nearest(inverse * load<f32>(SCALES + (j << 2))));
    store<u8>(p + 192 + j, <u8>(<i32>packed));
    store<f32>(STORED_SCALES + (j << 2), d * packed);
  }
  return true;
}

/** Again with the scales as stored; a sub-block whose scale became 0 keeps its levels. */
function chooseStored(group: usize): void {
  const scale = v128.load(STORED_SCALES + group);
  const kept = f32x4.eq(scale, f32x4.splat(0));
  for (let i = group; i < END; i += ROW) {
    const n = levels(f32x4.div(v128.load(X + i), scale), f32x4.splat(-32), f32x4.splat(31));
    const chosen = select(kept, v128.load(N + i), f32x4.add(n, f32x4.splat(32)));
    v128.store(N + i, i32x4.trunc_sat_f32x4_s(chosen));
  }
}

function packLevels(p: usize): void {
  for (let i = 0; i < SUPER_BLOCK; i++) {
    const half = i >> 7;
    const l = i & 127;
    const n = load<i32>(N + <usize>(i & 15) * ROW + <usize>((i >> 4) << 2));
    const ql = p + <usize>(64 * half + (l & 63));
    const qh = p + <usize>(128 + 32 * half + (l & 31));
    store<u8>(ql, load<u8>(ql) | <u8>((n & 15) << ((l >> 6) << 2)));
    store<u8>(qh, load<u8>(qh) | <u8>((n >> 4) << ((l >> 5) << 1)));
  }
}
