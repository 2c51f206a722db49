/**
 * The 16-bit products of linear.ts for many columns: the same sums, of blocks in order, at the speed of the multipliers.
 * A panel of 16 rows is widened to 16 bits once, and all columns pass by, four at a time (`quantizeFours` packs them so).
 *
 * A widened panel: [block][16 pairs of columns of W][16 rows][2 integers], and float32 scales [block][16 rows]. A lane of
 * a product is a row, so no sum runs across lanes.
 */
import { HALF_MASK, HALF_SCALE, ZEROS } from "./layout";
import { MATRIX_BYTES, Matrix } from "./linear";
import { atLeast, q8_wide } from "./tiles";

@unmanaged
class Args {
  /** As {@link quantizeFours} packs them. */
  integers: usize;
  scales: usize;
  columns: i32;
  blocks: i32;
  floor: f32;
  /** Scratch of the first thread, and its size: blocks · (1024 + 64) bytes for a panel, 320 for a part of a tile. */
  scratch: usize;
  scratchBytes: i32;
}

/** Blocks of a panel that stay in the first-level cache while columns pass by. */
const BLOCKS: i32 = 16;

/** Items: panels of 16 rows of all matrices. The matrices follow the arguments; their `groups` are panels here. */
export function linearWide(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<Args>(args);
  let matrix = args + offsetof<Args>();
  for (let base = 0, end = 0; base < last; base = end, matrix += MATRIX_BYTES) {
    const m = changetype<Matrix>(matrix);
    end = base + m.groups;
    for (let panel = max(first, base) - base; panel < min(last, end) - base; panel++)
      multiply(a, m, panel, a.scratch + <usize>thread * a.scratchBytes);
  }
}

function multiply(a: Args, m: Matrix, panel: i32, scratch: usize): void {
  const blocks = a.blocks;
  const weights = scratch;
  const scales = weights + ((<usize>blocks) << 10);
  const part = scales + ((<usize>blocks) << 6);
  widen(m, panel, blocks, weights, scales);

  const rows = min(16, m.rows - (panel << 4));
  let bias = m.bias == 0 ? ZEROS : m.bias + (panel << 6);
  if (rows < 16) {
    memory.copy(part + 256, bias, rows << 2);
    bias = part + 256;
  }
  const yRow = (<usize>m.rows) << 2;
  const y = m.y + (panel << 6);
  const whole = rows == 16 ? a.columns & ~3 : 0;
  for (let block = 0; block < blocks; block += BLOCKS) {
    const count = min(BLOCKS, blocks - block);
    const floor = block + count == blocks ? a.floor : -Infinity;
    for (let column = 0; column < whole; column += 4) {
      const to = y + <usize>column * yRow;
      if (block == 0) begin(bias, to, yRow);
      tile(a, column, block, count, weights, scales, floor, to, yRow);
    }
  }
  for (let column = whole; column < a.columns; column += 4) {
    begin(bias, part, 64);
    tile(a, column, 0, blocks, weights, scales, a.floor, part, 64);
    for (let c = 0; c < min(4, a.columns - column); c++)
      memory.copy(y + <usize>(column + c) * yRow, part + (c << 6), rows << 2);
  }
}

/** Adds `count` blocks from `block` on to four columns of 16 rows. */
function tile(
  a: Args,
  column: i32,
  block: i32,
  count: i32,
  weights: usize,
  scales: usize,
  floor: f32,
  y: usize,
  yRow: usize,
): void {
  const start = <usize>(column * a.blocks + (block << 2));
  const panel = weights + ((<usize>block) << 10);
  q8_wide(a.integers + (start << 6), panel, scales + (block << 6), count, a.scales + (start << 2), y, yRow);
  if (floor != -Infinity) atLeast(4, y, yRow, floor);
}

/** The bias as the first partial sum of four columns. */
function begin(bias: usize, y: usize, yRow: usize): void {
  // Not memory.copy, which leaves WebAssembly for so few bytes.
  for (let c = 0; c < 4; c++, y += yRow) {
    for (let i: usize = 0; i < 64; i += 16) v128.store(y + i, v128.load(bias + i));
  }
}

function widen(m: Matrix, panel: i32, blocks: i32, weights: usize, scales: usize): void {
  const mask = v128.load32_splat(HALF_MASK);
  const factor = v128.load32_splat(HALF_SCALE);
  for (let half = 0; half < 2; half++) {
    const group = (panel << 1) + half;
    const there = group << 3 < m.rows;
    let from = m.weights + ((<usize>group * blocks) << 8);
    let fromScales = m.scales + ((<usize>group * blocks) << 4);
    let to = weights + (half << 5);
    let toScales = scales + (half << 5);
    for (let b = 0; b < blocks; b++, fromScales += 16, toScales += 64) {
      for (let step = 0; step < 8; step++, from += 32, to += 128) {
        if (there) widenStep(from, to);
        else for (let i = 0; i < 128; i += 64) memory.fill(to + i, 0, 32);
      }
      for (let i: usize = 0; i < 2; i++) {
        const bits = there ? v128.load16x4_s(fromScales + (i << 3)) : i32x4.splat(0);
        v128.store(toScales + (i << 4), f32x4.mul(v128.and(i32x4.shl(bits, 13), mask), factor));
      }
    }
  }
}

/** 8 rows of 4 integers, in the order 0 1 4 5 2 3 6 7, to two steps of 8 rows of 2 integers. */
function widenStep(from: usize, to: usize): void {
  // Four rows at a time: V8 would pair the shuffles of eight, and gets that wrong.
  for (const end = from + 16; from < end; from += 8, to += 16) {
    const a = v128.load8x8_s(from);
    const b = v128.load8x8_s(from, 16);
    v128.store(to, v128.shuffle<i32>(a, b, 0, 2, 4, 6));
    v128.store(to, v128.shuffle<i32>(a, b, 1, 3, 5, 7), 64);
  }
}
