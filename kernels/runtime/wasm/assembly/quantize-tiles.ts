/**
 * The quantization of quantize.ts in the tiles that gemm.ts reads, six or four frames wide: four frames at a time, with a
 * vector lane for each.
 */
import { ROUND, fma } from "./simd";
import { QuantizeTilesArgs } from "./structs";

/** The exponent bits of a float32: as integers, the bits of infinity and NaN are no less. */
const NOT_FINITE: i32 = 0x7f800000;

/**
 * A tile is, per block, 8 steps × frames × 4 integers of 8 bits, or 16 steps × 4 frames × 2 integers of 16 bits; scales and
 * initial sums are [block][frames]. Items: tiles; missing frames of the last one have the scale 0.
 */
export function quantizeTiles(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<QuantizeTilesArgs>(args);
  const row = (<usize>a.blocks) << 7;
  for (let tile = first; tile < last; tile++) {
    const width = tile < a.tilesOfSix ? 6 : 4;
    const frame = tile < a.tilesOfSix ? tile * 6 : a.tilesOfSix * 6 + ((tile - a.tilesOfSix) << 2);
    const start = <usize>frame * a.blocks;
    quantizeTile(
      a.x + <usize>frame * row,
      row,
      width,
      min(width, a.frames - frame),
      a.blocks,
      a.integers + ((start << 5) << a.int16),
      a.scales + (start << 2),
      a.initialSums + (start << 2),
      a.int16,
      a.sumFactor,
    );
  }
}

/** Some blocks of one tile; the frames lie `row` bytes apart, and `present` of them exist. */
export function quantizeTile(
  x: usize,
  row: usize,
  width: i32,
  present: i32,
  blocks: i32,
  integers: usize,
  scales: usize,
  initialSums: usize,
  int16: i32,
  sumFactor: i32,
): void {
  quantizePart(x, row, width, 0, present, blocks, integers, scales, initialSums, int16, sumFactor);
  if (width == 6)
    quantizePart(x, row, width, 4, present, blocks, integers, scales, initialSums, int16, sumFactor);
}

/** The frames of a tile from `from` on: the first four, or the last two of a tile of six. */
function quantizePart(
  x: usize,
  row: usize,
  width: i32,
  from: i32,
  present: i32,
  blocks: i32,
  integers: usize,
  scales: usize,
  initialSums: usize,
  int16: i32,
  sumFactor: i32,
): void {
  const stride = (<usize>width) << 2;
  const at = (<usize>from) << 2;
  x += <usize>from * row;
  integers += at;
  scales += at;
  initialSums += at;
  present -= from;
  let x0 = x;
  let x1 = x + row * min(1, present - 1);
  let x2 = x + row * min(2, present - 1);
  let x3 = x + row * min(3, present - 1);
  const exists = i32x4.gt_s(i32x4.splat(present), i32x4(0, 1, 2, 3));
  const factors = i32x4.splat(sumFactor);
  for (let b = 0; b < blocks; b++, scales += stride, initialSums += stride) {
    const largest = i32x4.max_s(
      i32x4.max_s(lane(largestBits(x0), 0), lane(largestBits(x1), 1)),
      i32x4.max_s(lane(largestBits(x2), 2), lane(largestBits(x3), 3)),
    );
    const finite = i32x4.lt_s(largest, i32x4.splat(NOT_FINITE));
    const scale = v128.or(f32x4.div(largest, f32x4.splat(127)), v128.not(finite)); // all ones are a NaN
    storeFrames(scales, v128.and(scale, exists), from);
    const used = v128.and(finite, i32x4.gt_s(largest, i32x4.splat(0)));
    const inverses = v128.and(f32x4.div(f32x4.splat(127), largest), used);
    const i0 = v128.shuffle<i32>(inverses, inverses, 0, 0, 0, 0);
    const i1 = v128.shuffle<i32>(inverses, inverses, 1, 1, 1, 1);
    const i2 = v128.shuffle<i32>(inverses, inverses, 2, 2, 2, 2);
    const i3 = v128.shuffle<i32>(inverses, inverses, 3, 3, 3, 3);
    let sums01 = i32x4.splat(0);
    let sums23 = sums01;
    for (let step = 0; step < 8; step++) {
      const low = i16x8.narrow_i32x4_s(rounded(x0, i0), rounded(x1, i1));
      const high = i16x8.narrow_i32x4_s(rounded(x2, i2), rounded(x3, i3));
      if (int16) {
        v128.store(integers, v128.shuffle<i32>(low, high, 0, 2, 4, 6));
        v128.store(integers, v128.shuffle<i32>(low, high, 1, 3, 5, 7), 16);
        integers += 32;
      } else {
        storeFrames(integers, i8x16.narrow_i16x8_s(low, high), from);
        sums01 = i32x4.add(sums01, i32x4.extadd_pairwise_i16x8_s(low));
        sums23 = i32x4.add(sums23, i32x4.extadd_pairwise_i16x8_s(high));
        integers += stride;
      }
      x0 += 16;
      x1 += 16;
      x2 += 16;
      x3 += 16;
    }
    const sums = i32x4.add(
      v128.shuffle<i32>(sums01, sums23, 0, 2, 4, 6),
      v128.shuffle<i32>(sums01, sums23, 1, 3, 5, 7),
    );
    storeFrames(initialSums, i32x4.mul(sums, factors), from);
  }
}

/** Stores the values of the first four frames, or of the last two of a tile of six. */
function storeFrames(p: usize, v: v128, from: i32): void {
  if (from == 0) v128.store(p, v);
  else v128.store64_lane(p, v, 0);
}

/** The bits of the largest magnitude among 32 values; those of infinity or NaN, if there is one. */
function largestBits(x: usize): i32 {
  let most = i32x4.splat(0);
  for (const end = x + 128; x < end; x += 16) {
    most = i32x4.max_s(most, v128.and(v128.load(x), i32x4.splat(0x7fffffff)));
  }
  most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
  return max(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1));
}

/** A number in one lane, zeros in the others. */
function lane(value: i32, index: i32): v128 {
  return v128.and(i32x4.splat(value), i32x4.eq(i32x4.splat(index), i32x4(0, 1, 2, 3)));
}

/** Four values times a factor, as the nearest integers. */
function rounded(x: usize, factor: v128): v128 {
  return i32x4.sub(fma(v128.load(x), factor, f32x4.splat(ROUND)), i32x4.splat(0x4b400000));
}
