/**
 * Weight matrices in the layouts of the products.
 *
 * Q8: groups of 8 rows. Per group and block of 32 columns, 256 bytes: 8 steps × 8 rows × 4 integers, so that a vector
 * lane is a row and no sum runs across lanes; for products of 16 bits the rows of a step lie in the order 0 1 4 5 2 3
 * 6 7, so that the operands V8 pairs (lower and upper four rows) are adjacent. Scales are stored separately, as float16 of
 * 2^10 · scale, [group][block][8]: the factor keeps the subnormal halves of small scales from becoming subnormal floats,
 * which cost a microcode assist each.
 *
 * Float: panels of 16 rows, [panel][column][16], as float32, bfloat16 bits, or float16 of 2^10 · weight.
 */
import { HALF_SCALE } from "./addresses";
import { PackFloatArgs, PackQ8Args } from "./structs";

/** Interleaves rows of Q8_0. Items: groups of 8; missing rows of the last one are zero. */
export function packQ8(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<PackQ8Args>(args);
  const rowBytes = <usize>a.blocks * 34;
  for (let group = first; group < last; group++) {
    const start = <usize>(group * a.blocks);
    const source = a.source + ((<usize>group * rowBytes) << 3);
    for (let r = 0; r < 8; r++) {
      const quants = a.quants + (start << 8) + (placeOf(r, a.int16) << 2);
      const scales = a.scales + (start << 4) + (r << 1);
      if ((group << 3) + r < a.rows) packRow(a, source + <usize>r * rowBytes, quants, scales);
      else clearRow(a, quants, scales);
    }
  }
}

function packRow(a: PackQ8Args, block: usize, quants: usize, scales: usize): void {
  let outOfRange = 0;
  for (let b = 0; b < a.blocks; b++, block += 34, scales += 16) {
    const scale = <u32>load<u16>(block);
    if ((scale & 0x7fff) >= LIMIT) outOfRange++;
    store<u16>(scales, timesThousand(scale));
    for (let step: usize = 2; step < 34; step += 4, quants += 32)
      store<u32>(quants, load<u32>(block + step) ^ a.signFlip);
  }
  if (outOfRange > 0) atomic.add<i32>(a.outOfRange, outOfRange);
}

function clearRow(a: PackQ8Args, quants: usize, scales: usize): void {
  for (let b = 0; b < a.blocks; b++, scales += 16) {
    store<u16>(scales, 0);
    for (let step = 0; step < 8; step++, quants += 32) store<u32>(quants, a.signFlip);
  }
}

/** Index of row `r` in a step. */
function placeOf(r: i32, int16: i32): i32 {
  return int16 ? (r & 1) | ((r & 2) << 1) | ((r & 4) >> 1) : r;
}

/** float16 64: 2^10 times a number of this magnitude or more is not representable as float16. */
const LIMIT: u32 = 21 << 10;

/** The float16 of 2^10 · h, exact below LIMIT. */
function timesThousand(h: u32): u16 {
  const sign = h & 0x8000;
  const magnitude = h & 0x7fff;
  if (magnitude == 0) return <u16>sign;
  if (magnitude >= 0x400) return <u16>(h + (10 << 10));
  const value = reinterpret<u32>(
    reinterpret<f32>(0x77800000 + (10 << 23)) * reinterpret<f32>(magnitude << 13),
  );
  return <u16>(sign | ((value >> 13) - (112 << 10)));
}

/** Row `row` of a Q8 matrix as float32. */
export function unpackQ8Row(
  quants: usize,
  scales: usize,
  row: i32,
  blocks: i32,
  signFlip: u32,
  int16: i32,
  y: usize,
): void {
  const group = (row >> 3) * blocks;
  quants += ((<usize>group) << 8) + (placeOf(row & 7, int16) << 2);
  scales += ((<usize>group) << 4) + ((row & 7) << 1);
  for (let b = 0; b < blocks; b++, quants += 256, scales += 16) {
    const h = <u32>load<i16>(scales);
    const scale = reinterpret<f32>((h << 13) & 0x8fffe000) * load<f32>(HALF_SCALE);
    for (let step = 0; step < 8; step++, y += 16) {
      const four = load<u32>(quants + (step << 5)) ^ signFlip;
      store<f32>(y, <f32>(<i8>four) * scale);
      store<f32>(y, <f32>(<i8>(four >> 8)) * scale, 4);
      store<f32>(y, <f32>(<i8>(four >> 16)) * scale, 8);
      store<f32>(y, <f32>(<i8>(four >> 24)) * scale, 12);
    }
  }
}

/** Rows into panels of 16. Items: panels; missing rows of the last one are zero. */
export function packFloat(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<PackFloatArgs>(args);
  const shift = a.valueBytes == 4 ? 2 : 1;
  for (let panel = first; panel < last; panel++) {
    const target = a.target + ((<usize>panel * a.columns) << (4 + shift));
    for (let r = 0; r < 16; r++) {
      const row = (panel << 4) + r;
      let p = target + (r << shift);
      const end = p + ((<usize>a.columns) << (4 + shift));
      if (row >= a.rows) {
        for (; p < end; p += (<usize>16) << shift) {
          if (a.valueBytes == 4) store<f32>(p, 0);
          else store<u16>(p, 0);
        }
        continue;
      }
      let source = a.source + ((<usize>row * a.columns) << shift);
      for (; p < end; p += (<usize>16) << shift, source += a.valueBytes) {
        if (a.valueBytes == 4) store<f32>(p, load<f32>(source));
        else store<u16>(p, a.half ? timesThousand(load<u16>(source)) : load<u16>(source));
      }
    }
  }
}

/** Number of float16 at `p` that are too large for the layout. */
export function countOutOfRange(p: usize, count: i32): i32 {
  let outOfRange = 0;
  for (const end = p + ((<usize>count) << 1); p < end; p += 2) {
    if (<u32>(load<u16>(p) & 0x7fff) >= LIMIT) outOfRange++;
  }
  return outOfRange;
}

/** Row `row` of a matrix in panels as float32; `kind` 0 float32, 1 float16 (times 2^10), 2 bfloat16. */
export function unpackFloatRow(panels: usize, row: i32, columns: i32, kind: i32, y: usize): void {
  const shift = kind == 0 ? 2 : 1;
  let p = panels + ((<usize>(row >> 4) * columns) << (4 + shift)) + ((row & 15) << shift);
  for (let i = 0; i < columns; i++, p += (<usize>16) << shift, y += 4) {
    if (kind == 0) store<f32>(y, load<f32>(p));
    else if (kind == 2) store<u32>(y, (<u32>load<u16>(p)) << 16);
    else store<f32>(y, reinterpret<f32>(((<u32>load<i16>(p)) << 13) & 0x8fffe000) * load<f32>(HALF_SCALE));
  }
}

/** Copies a row of a Q8 matrix into another one with as many blocks per row. */
export function copyQ8Row(
  quants: usize,
  scales: usize,
  row: i32,
  blocks: i32,
  int16: i32,
  toQuants: usize,
  toScales: usize,
  toRow: i32,
): void {
  const from = <usize>((row >> 3) * blocks);
  const to = <usize>((toRow >> 3) * blocks);
  quants += (from << 8) + (placeOf(row & 7, int16) << 2);
  toQuants += (to << 8) + (placeOf(toRow & 7, int16) << 2);
  scales += (from << 4) + ((row & 7) << 1);
  toScales += (to << 4) + ((toRow & 7) << 1);
  for (let b = 0; b < blocks; b++, scales += 16, toScales += 16) {
    store<u16>(toScales, load<u16>(scales));
    for (let step = 0; step < 8; step++, quants += 32, toQuants += 32)
      store<u32>(toQuants, load<u32>(quants));
  }
}

/** Copies a row of a matrix in panels into another one; values have 2^shift bytes. */
export function copyFloatRow(panels: usize, row: i32, columns: i32, shift: i32, to: usize, toRow: i32): void {
  panels += ((<usize>(row >> 4) * columns) << (4 + shift)) + ((row & 15) << shift);
  to += ((<usize>(toRow >> 4) * columns) << (4 + shift)) + ((toRow & 15) << shift);
  const step = (<usize>16) << shift;
  for (let i = 0; i < columns; i++, panels += step, to += step) {
    if (shift == 2) store<u32>(to, load<u32>(panels));
    else store<u16>(to, load<u16>(panels));
  }
}
