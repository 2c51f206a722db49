/**
 * Quantizes activations for the products with Q8 weights: each block of 32 values becomes 32 integers in −127 … 127 and a
 * scale, the largest magnitude / 127, as Q8_0 does it. Frames (rows of x) are packed in tiles; for a tile of width w: per
 * block, 8 steps × w frames × 4 integers; scales and initial sums as [block][w].
 *
 * An initial sum is the first value of an accumulator: the 8-bit products read weights + 128, so it is −128 · (sum of the
 * block's integers); or 0.
 */
import { ROUND, fma, larger, largestOfLanes, sumOfLanes } from "./simd";
import { QuantizeArgs } from "./structs";

/** Width of the tile that begins where `left` frames remain: 8, and for the last one 1, 2, 4, 6 or 8, of which one may be empty. */
export function tileWidth(left: i32): i32 {
  return left > 6 ? 8 : left > 4 ? 6 : left > 2 ? 4 : left;
}

/** Items: frames. The last one also fills the empty frames of its tile. */
export function quantize(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<QuantizeArgs>(args);
  for (let frame = first; frame < last; frame++) {
    const tile = frame & ~7;
    const width = tileWidth(a.frames - tile);
    const start = <usize>tile * a.blocks;
    const integers = a.integers + ((start << 5) << a.int16);
    const scales = a.scales + (start << 2);
    const initialSums = a.initialSums + (start << 2);
    quantizeFrame(
      a,
      a.x + ((<usize>frame * a.blocks) << 7),
      integers,
      scales,
      initialSums,
      frame - tile,
      width,
    );
    if (frame != a.frames - 1) continue;
    for (let empty = frame - tile + 1; empty < width; empty++) {
      for (let b = 0; b < a.blocks; b++) {
        store<f32>(scales + ((b * width + empty) << 2), 0);
        store<i32>(initialSums + ((b * width + empty) << 2), 0);
      }
    }
  }
}

function quantizeFrame(
  a: QuantizeArgs,
  x: usize,
  integers: usize,
  scales: usize,
  initialSums: usize,
  frame: i32,
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
      const at = (<usize>(((b << 3) + step) * width + frame)) << 2;
      const halves = i16x8.narrow_i32x4_s(whole, whole);
      if (a.int16) v128.store64_lane(integers + (at << 1), halves, 0);
      else v128.store32_lane(integers + at, i8x16.narrow_i16x8_s(halves, halves), 0);
    }
    const sum =
      i32x4.extract_lane(sums, 0) +
      i32x4.extract_lane(sums, 1) +
      i32x4.extract_lane(sums, 2) +
      i32x4.extract_lane(sums, 3);
    const at = (<usize>(b * width + frame)) << 2;
    store<f32>(scales + at, magnitude / 127 + sumOfLanes(check));
    store<i32>(initialSums + at, a.sumFactor * sum);
  }
}
