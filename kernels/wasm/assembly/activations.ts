/**
 * Activations for the quantised products: each block of 32 values becomes 32 integers in −127 … 127 and a scale, the
 * largest magnitude / 127, as Q8_0 does it. Columns (rows of x, that is: frames) are packed in tiles, for one tile of
 * width w: per block, 8 steps × w columns × 4 integers; scales and starts as [block][w].
 *
 * For many columns of the 16-bit products (linear-wide.ts) all tiles have four columns: per block, 16 steps × 4 columns ×
 * 2 integers.
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
  /** 0: integers of 8 bits; 1: of 16 bits for the `dot16` kernels; 2: of 16 bits in tiles of four. */
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
    const fours = a.wide == 2;
    const tile = fours ? column & ~3 : column & ~7;
    const width = fours ? 4 : tileWidth(a.columns - tile);
    const start = <usize>tile * a.blocks;
    const integers = a.integers + ((start << 5) << i32(a.wide != 0));
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
      if (a.wide == 2) {
        const first = integers + (((b << 3) + step) << 5) + (column << 2);
        v128.store32_lane(first, halves, 0);
        v128.store32_lane(first, halves, 1, 16);
      } else if (a.wide) v128.store64_lane(integers + (at << 1), halves, 0);
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
