/**
 * Activations for the quantized products: each block of 32 values becomes 32 integers in −127 … 127 and a scale, the
 * largest magnitude / 127, as Q8_0 does it. Columns (rows of x, that is: frames) are packed in tiles, for one tile of
 * width w: per block, 8 steps × w columns × 4 integers; scales and starts as [block][w].
 *
 * `start` is what an accumulator begins with: the products of the `dot` kernels see weights + 128, so it is
 * −128 · (sum of the block's integers); or 0.
 */
import { ROUND, fma, larger, largestOfLanes, sumOfLanes } from "./simd";

@unmanaged
class Args {
  x: usize;
  blocks: i32;
  columns: i32;
  integers: usize;
  scales: usize;
  starts: usize;
  /** 1: integers of 16 bits for the `dot16` kernels; 0: of 8 bits. */
  wide: i32;
  /** Factor of the sums in `starts`: −128 or 0. */
  offset: i32;
}

/** Columns of the tile that begins where `left` columns are left: eights, and for the rest 1, 2, 4 or 8 of which some may be empty. */
export function tileWidth(left: i32): i32 {
  return left > 4 ? 8 : left > 2 ? 4 : left;
}

/** Items: columns. The last one also fills the empty columns of its tile. */
export function quantize(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<Args>(args);
  for (let column = first; column < last; column++) {
    const tile = column & ~7;
    const width = tileWidth(a.columns - tile);
    const start = <usize>tile * a.blocks;
    const integers = a.integers + ((start << 5) << a.wide);
    const scales = a.scales + (start << 2);
    const starts = a.starts + (start << 2);
    quantizeColumn(
      a,
      a.x + ((<usize>column * a.blocks) << 7),
      integers,
      scales,
      starts,
      column - tile,
      width,
    );
    if (column != a.columns - 1) continue;
    for (let empty = column - tile + 1; empty < width; empty++) {
      for (let b = 0; b < a.blocks; b++) {
        store<f32>(scales + ((b * width + empty) << 2), 0);
        store<i32>(starts + ((b * width + empty) << 2), 0);
      }
    }
  }
}

function quantizeColumn(
  a: Args,
  x: usize,
  integers: usize,
  scales: usize,
  starts: usize,
  column: i32,
  width: i32,
): void {
  for (let b = 0; b < a.blocks; b++, x += 128) {
    let largest = f32x4.splat(0);
    let check = largest; // 0, or NaN if a value is not finite
    for (let i = 0; i < 128; i += 16) {
      const v = v128.load(x + i);
      largest = larger(largest, f32x4.abs(v));
      check = fma(v, f32x4.splat(0), check);
    }
    const magnitude = largestOfLanes(largest);
    const inverse = f32x4.splat(magnitude > 0 ? 127 / magnitude : 0);
    let sums = i32x4.splat(0);
    for (let step = 0; step < 8; step++) {
      const rounded = fma(v128.load(x + (step << 4)), inverse, f32x4.splat(ROUND));
      const whole = i32x4.sub(rounded, i32x4.splat(0x4b400000));
      sums = i32x4.add(sums, whole);
      const at = (<usize>(((b << 3) + step) * width + column)) << 2;
      const halves = i16x8.narrow_i32x4_s(whole, whole);
      if (a.wide) v128.store64_lane(integers + (at << 1), halves, 0);
      else v128.store32_lane(integers + at, i8x16.narrow_i16x8_s(halves, halves), 0);
    }
    const sum =
      i32x4.extract_lane(sums, 0) +
      i32x4.extract_lane(sums, 1) +
      i32x4.extract_lane(sums, 2) +
      i32x4.extract_lane(sums, 3);
    const at = (<usize>(b * width + column)) << 2;
    store<f32>(scales + at, magnitude / 127 + sumOfLanes(check));
    store<i32>(starts + at, a.offset * sum);
  }
}

@unmanaged
class TilesArgs {
  x: usize;
  columns: i32;
  /** So many of them, the first ones, are packed in sixes, the others in fours. */
  sixes: i32;
  blocks: i32;
  integers: usize;
  scales: usize;
  starts: usize;
  /** As in {@link quantize}. */
  wide: i32;
  offset: i32;
}

/** The exponent bits of a float32: as an integer, what is not finite is no less. */
const NOT_FINITE: i32 = 0x7f800000;

/**
 * The same for linear-many.ts, in tiles of six or four columns: per block, 8 steps × columns × 4 integers of 8 bits, or 16
 * steps × 4 columns × 2 integers of 16 bits; scales and starts as [block][columns]. Items: tiles; columns that the last one
 * lacks have the scale 0.
 */
export function quantizeTiles(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<TilesArgs>(args);
  const row = (<usize>a.blocks) << 7;
  const sixes = a.sixes / 6;
  for (let tile = first; tile < last; tile++) {
    const width = tile < sixes ? 6 : 4;
    const column = tile < sixes ? tile * 6 : a.sixes + ((tile - sixes) << 2);
    const start = <usize>column * a.blocks;
    quantizeTile(
      a.x + <usize>column * row,
      row,
      width,
      min(width, a.columns - column),
      a.blocks,
      a.integers + ((start << 5) << a.wide),
      a.scales + (start << 2),
      a.starts + (start << 2),
      a.wide,
      a.offset,
    );
  }
}

/** Some blocks of one tile, from columns that lie `row` bytes apart, of which `present` exist. */
export function quantizeTile(
  x: usize,
  row: usize,
  width: i32,
  present: i32,
  blocks: i32,
  integers: usize,
  scales: usize,
  starts: usize,
  wide: i32,
  offset: i32,
): void {
  quantizePart(x, row, width, 0, present, blocks, integers, scales, starts, wide, offset);
  if (width == 6) quantizePart(x, row, width, 4, present, blocks, integers, scales, starts, wide, offset);
}

/** The columns of a tile from `from` on: four, or the two that a six has besides. */
function quantizePart(
  x: usize,
  row: usize,
  width: i32,
  from: i32,
  present: i32,
  blocks: i32,
  integers: usize,
  scales: usize,
  starts: usize,
  wide: i32,
  offset: i32,
): void {
  const pitch = (<usize>width) << 2;
  const at = (<usize>from) << 2;
  x += <usize>from * row;
  integers += at;
  scales += at;
  starts += at;
  present -= from;
  let x0 = x;
  let x1 = x + row * min(1, present - 1);
  let x2 = x + row * min(2, present - 1);
  let x3 = x + row * min(3, present - 1);
  const there = i32x4.gt_s(i32x4.splat(present), i32x4(0, 1, 2, 3));
  const offsets = i32x4.splat(offset);
  for (let b = 0; b < blocks; b++, scales += pitch, starts += pitch) {
    const largest = i32x4.max_s(
      i32x4.max_s(lane(largestBits(x0), 0), lane(largestBits(x1), 1)),
      i32x4.max_s(lane(largestBits(x2), 2), lane(largestBits(x3), 3)),
    );
    const finite = i32x4.lt_s(largest, i32x4.splat(NOT_FINITE));
    const scale = v128.or(f32x4.div(largest, f32x4.splat(127)), v128.not(finite)); // all ones are a NaN
    storeColumns(scales, v128.and(scale, there), from);
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
      if (wide) {
        v128.store(integers, v128.shuffle<i32>(low, high, 0, 2, 4, 6));
        v128.store(integers, v128.shuffle<i32>(low, high, 1, 3, 5, 7), 16);
        integers += 32;
      } else {
        storeColumns(integers, i8x16.narrow_i16x8_s(low, high), from);
        sums01 = i32x4.add(sums01, i32x4.extadd_pairwise_i16x8_s(low));
        sums23 = i32x4.add(sums23, i32x4.extadd_pairwise_i16x8_s(high));
        integers += pitch;
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
    storeColumns(starts, i32x4.mul(sums, offsets), from);
  }
}

/** What belongs to four columns, or to the two that a six has besides. */
function storeColumns(p: usize, v: v128, from: i32): void {
  if (from == 0) v128.store(p, v);
  else v128.store64_lane(p, v, 0);
}

/** The bits of the largest magnitude among 32 values; or larger ones, if a value is not finite. */
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
