/**
 * The quantization of quantize.ts in the tiles that gemm.ts reads, six or four frames wide: two frames at a time. Constants
 * come from memory, since V8 would otherwise build each of them at every use.
 */
import { MAGNITUDE, ONES, ROUND } from "./addresses";
import { layerNormRow } from "./norms";
import { dot, fma } from "./simd";
import { QuantizeTilesArgs } from "./structs";

/** The exponent bits of a float32: as integers, the bits of infinity and NaN are no less. */
const NOT_FINITE: i32 = 0x7f800000;

/**
 * A tile is, per block, 8 steps × frames × 4 integers of 8 bits, or 16 steps × 4 frames × 2 integers of 16 bits; scales and
 * initial sums are [block][frames]. Items: tiles; missing frames of the last one have the scale 0. Rows of x may go through
 * a layer norm on the way: its results are then never in memory as a matrix.
 */
export function quantizeTiles(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<QuantizeTilesArgs>(args);
  const row = (<usize>a.blocks) << 7;
  const normed = a.normed + <usize>(thread * 6) * row;
  for (let tile = first; tile < last; tile++) {
    const width = tile < a.tilesOfSix ? 6 : 4;
    const frame = tile < a.tilesOfSix ? tile * 6 : a.tilesOfSix * 6 + ((tile - a.tilesOfSix) << 2);
    const present = min(width, a.frames - frame);
    const start = <usize>frame * a.blocks;
    const x = a.x + <usize>frame * row;
    if (a.normed != 0) {
      for (let at: usize = 0, end = <usize>present * row; at < end; at += row)
        layerNormRow(x + at, a.weight, a.bias, normed + at, a.blocks << 5, a.eps);
    }
    quantizeTile(
      a.normed != 0 ? normed : x,
      row,
      width,
      present,
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
  for (let frame = 0; frame < width; frame += 2) {
    const at = (<usize>frame) << 2;
    quantizePair(
      x + row * min(frame, present - 1),
      x + row * min(frame + 1, present - 1),
      present - frame,
      blocks,
      integers + at,
      scales + at,
      initialSums + at,
      (<usize>width) << 2,
      int16,
      sumFactor,
    );
  }
}

/** Two frames of a tile, at `x0` and `x1`, of which `present` exist; the tile's columns lie `stride` bytes apart. */
function quantizePair(
  x0: usize,
  x1: usize,
  present: i32,
  blocks: i32,
  integers: usize,
  scales: usize,
  initialSums: usize,
  stride: usize,
  int16: i32,
  sumFactor: i32,
): void {
  const exist = i32x4.gt_s(i32x4.splat(present), i32x4(0, 1, 0, 1));
  const factors = i32x4.splat(sumFactor);
  const magnitude = v128.load32_splat(MAGNITUDE);
  const round = v128.load32_splat(ROUND);
  const ones = v128.load32_splat(ONES);
  for (let b = 0; b < blocks; b++, scales += stride, initialSums += stride) {
    // The bits of the largest magnitudes; those of infinity or NaN, if there is one.
    let most0 = i32x4.splat(0);
    let most1 = most0;
    for (let i: usize = 0; i < 128; i += 16) {
      most0 = i32x4.max_s(most0, v128.and(v128.load(x0 + i), magnitude));
      most1 = i32x4.max_s(most1, v128.and(v128.load(x1 + i), magnitude));
    }
    const halves = i32x4.max_s(
      v128.shuffle<i32>(most0, most1, 0, 4, 1, 5),
      v128.shuffle<i32>(most0, most1, 2, 6, 3, 7),
    );
    const largest = i32x4.max_s(halves, v128.shuffle<i32>(halves, halves, 2, 3, 0, 1));
    const finite = i32x4.lt_s(largest, i32x4.splat(NOT_FINITE));
    const scale = v128.or(f32x4.div(largest, f32x4.splat(127)), v128.not(finite)); // all ones are a NaN
    v128.store64_lane(scales, v128.and(scale, exist), 0);
    const used = v128.and(finite, i32x4.gt_s(largest, i32x4.splat(0)));
    const inverses = v128.and(f32x4.div(f32x4.splat(127), largest), used);
    const inverse0 = v128.shuffle<i32>(inverses, inverses, 0, 0, 0, 0);
    const inverse1 = v128.shuffle<i32>(inverses, inverses, 1, 1, 1, 1);
    let sums = i32x4.splat(0);
    for (const end = x0 + 128; x0 < end; x0 += 16, x1 += 16) {
      const whole = i16x8.narrow_i32x4_s(
        i32x4.sub(fma(v128.load(x0), inverse0, round), round),
        i32x4.sub(fma(v128.load(x1), inverse1, round), round),
      );
      if (int16) {
        const pairs = v128.shuffle<i32>(whole, whole, 0, 2, 1, 3);
        v128.store64_lane(integers, pairs, 0);
        v128.store64_lane(integers, pairs, 1, 16);
        integers += 32;
      } else {
        const bytes = i8x16.narrow_i16x8_s(whole, whole);
        v128.store64_lane(integers, bytes, 0);
        sums = dot(bytes, ones, sums);
        integers += stride;
      }
    }
    v128.store64_lane(initialSums, i32x4.mul(sums, factors), 0);
  }
}
