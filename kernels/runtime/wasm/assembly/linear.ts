/**
 * Linear maps y = max(x · Wᵀ + bias, floor) of one input by up to three matrices of one layout. Rows of W are split
 * among the threads; sums over columns never are.
 */
import { tileWidth } from "./activations";
import { float_bf16, float_f16, float_f32, q8_dot, q8_dot16 } from "./tiles";
import { HALF_MASK, ZEROS } from "./layout";

@unmanaged
export class Matrix {
  /** Groups of 8 or panels of 16 rows; 0 where there is no such matrix. */
  groups: i32;
  rows: i32;
  weights: usize;
  /** Q8 only. */
  scales: usize;
  /** Or 0. */
  bias: usize;
  /** [columns, rows] */
  y: usize;
}

export const MATRIX_BYTES: usize = 24;

@unmanaged
class Q8Args {
  /** As {@link quantize} packs them. */
  integers: usize;
  scales: usize;
  starts: usize;
  columns: i32;
  blocks: i32;
  floor: f32;
  /** 1: the `dot16` kernels. */
  wide: i32;
  /** 8 · 8 · 4 · 4 bytes for each thread, for tiles of which only a part is wanted. */
  scratch: usize;
}

/** Items: row groups of all matrices. The matrices follow the arguments. */
export function linearQ8(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<Q8Args>(args);
  let matrix = args + offsetof<Q8Args>();
  for (let base = 0, end = 0; base < last; base = end, matrix += MATRIX_BYTES) {
    const m = changetype<Matrix>(matrix);
    end = base + m.groups;
    if (first < end) q8Groups(a, m, max(first, base) - base, min(last, end) - base, thread);
  }
}

function q8Groups(a: Q8Args, m: Matrix, group: i32, end: i32, thread: i32): void {
  const whole = m.rows >> 3; // groups of 8 rows that exist
  const quarter = (min(end, whole) - group) >> 2;
  // Up to 4 columns the time goes into reading weights, and four streams read faster.
  if (a.columns <= 4 && quarter > 0) {
    for (let i = 0; i < quarter; i++, group++) q8Columns(a, m, group, 4, quarter, thread);
    group += 3 * quarter;
  }
  for (; group < end; group++) q8Columns(a, m, group, 1, 0, thread);
}

/** All columns of `streams` row groups, `distance` groups apart. */
function q8Columns(a: Q8Args, m: Matrix, group: i32, streams: i32, distance: i32, thread: i32): void {
  const blocks = a.blocks;
  const quants = m.weights + ((<usize>group * blocks) << 8);
  const scales = m.scales + ((<usize>group * blocks) << 4);
  const stream = <usize>distance * blocks;
  const rows = min(8, m.rows - (group << 3));
  const scratch = a.scratch + ((<usize>thread) << 10);
  let bias = ZEROS;
  let biasStep: usize = 0;
  if (m.bias != 0) {
    bias = m.bias + ((<usize>group) << 5);
    biasStep = (<usize>distance) << 5;
    if (rows < 8) {
      memory.copy(scratch + 512, bias, rows << 2);
      bias = scratch + 512;
    }
  }
  for (let column = 0; column < a.columns; column += 8) {
    const left = min(8, a.columns - column);
    const width = tileWidth(left);
    const start = <usize>column * blocks;
    const integers = a.integers + ((start << 5) << a.wide);
    const xScales = a.scales + (start << 2);
    const xStarts = a.starts + (start << 2);
    const y = m.y + ((<usize>column * m.rows + (group << 3)) << 2);
    const direct = rows == 8 && left == width;
    const to = direct ? y : scratch;
    const toColumn = direct ? (<usize>m.rows) << 2 : 32;
    const toStream = direct ? (<usize>distance) << 5 : 256;
    if (a.wide)
      q8_dot16(
        width,
        streams,
        quants,
        scales,
        stream,
        blocks,
        integers,
        xScales,
        xStarts,
        bias,
        biasStep,
        a.floor,
        to,
        toColumn,
        toStream,
      );
    else
      q8_dot(
        width,
        streams,
        quants,
        scales,
        stream,
        blocks,
        integers,
        xScales,
        xStarts,
        bias,
        biasStep,
        a.floor,
        to,
        toColumn,
        toStream,
      );
    if (direct) continue;
    for (let s = 0; s < streams; s++) {
      for (let c = 0; c < left; c++) {
        const part = y + ((<usize>c * m.rows + ((s * distance) << 3)) << 2);
        memory.copy(part, scratch + (s << 8) + (c << 5), rows << 2);
      }
    }
  }
}

@unmanaged
class FloatArgs {
  x: usize;
  columns: i32;
  depth: i32;
  floor: f32;
  /** 0 float32, 1 float16 times 2^10 (x then holds 2^102 times the activations), 2 bfloat16. */
  kind: i32;
  /** 6 · 64 + 64 bytes, 1 KiB apart, for each thread. */
  scratch: usize;
  /** Or 0: 16 · DEPTH float32 for each thread, where panels of 16-bit weights are expanded. */
  expanded: usize;
}

/** Rows of x that stay in the second-level cache while panels pass by. */
const STRIP: i32 = 240;
/** Rows of a panel that stay in the first-level cache while rows of x pass by. */
const DEPTH: i32 = 256;

/** Items: panels of 16 rows of all matrices. The matrices follow the arguments. */
export function linearFloat(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<FloatArgs>(args);
  for (let column = 0; column < a.columns; column += STRIP) {
    const columns = min(STRIP, a.columns - column);
    let matrix = args + offsetof<FloatArgs>();
    for (let base = 0, end = 0; base < last; base = end, matrix += MATRIX_BYTES) {
      const m = changetype<Matrix>(matrix);
      end = base + m.groups;
      for (let panel = max(first, base) - base; panel < min(last, end) - base; panel++)
        floatPanel(a, m, panel, column, columns, thread);
    }
  }
}

function floatPanel(a: FloatArgs, m: Matrix, panel: i32, column: i32, columns: i32, thread: i32): void {
  const rows = min(16, m.rows - (panel << 4));
  const panelRow: usize = a.kind == 0 ? 64 : 32;
  let weights = m.weights + <usize>panel * a.depth * panelRow;
  const xRow = (<usize>a.depth) << 2;
  let x = a.x + <usize>column * xRow;
  const yRow = (<usize>m.rows) << 2;
  const y = m.y + <usize>column * yRow + (panel << 6);
  const bias = m.bias == 0 ? ZEROS : m.bias + (panel << 6);
  if (rows < 16) return partialPanel(a, rows, weights, x, columns, bias, y, yRow, thread);
  let start = bias;
  let startRow: usize = 0;
  for (let left = a.depth; left > 0; left -= DEPTH) {
    const depth = min(DEPTH, left);
    const floor = left == depth ? a.floor : -Infinity;
    if (a.expanded != 0) {
      const expanded = a.expanded + ((<usize>thread * DEPTH) << 6);
      expand(weights, expanded, depth << 4, a.kind);
      float_f32(columns, x, xRow, expanded, depth, start, startRow, floor, y, yRow);
    } else product(a.kind, columns, x, xRow, weights, depth, start, startRow, floor, y, yRow);
    weights += <usize>depth * panelRow;
    x += (<usize>depth) << 2;
    start = y;
    startRow = yRow;
  }
}

/** A panel of fewer than 16 rows, by way of the scratch. */
function partialPanel(
  a: FloatArgs,
  rows: i32,
  weights: usize,
  x: usize,
  columns: i32,
  bias: usize,
  y: usize,
  yRow: usize,
  thread: i32,
): void {
  const scratch = a.scratch + ((<usize>thread) << 10);
  const start = scratch + 512;
  memory.copy(start, bias, rows << 2);
  const xRow = (<usize>a.depth) << 2;
  for (let column = 0; column < columns; column += 6, x += 6 * xRow) {
    const count = min(6, columns - column);
    product(a.kind, count, x, xRow, weights, a.depth, start, 0, a.floor, scratch, 64);
    for (let c = 0; c < count; c++, y += yRow) memory.copy(y, scratch + (c << 6), rows << 2);
  }
}

function product(
  kind: i32,
  columns: i32,
  x: usize,
  xRow: usize,
  panel: usize,
  depth: i32,
  start: usize,
  startRow: usize,
  floor: f32,
  y: usize,
  yRow: usize,
): void {
  if (kind == 0) float_f32(columns, x, xRow, panel, depth, start, startRow, floor, y, yRow);
  else if (kind == 1) float_f16(columns, x, xRow, panel, depth, start, startRow, floor, y, yRow);
  else float_bf16(columns, x, xRow, panel, depth, start, startRow, floor, y, yRow);
}

/** 16-bit weights as the float32 that the tiles make of them. */
function expand(from: usize, to: usize, count: i32, kind: i32): void {
  const mask = v128.load32_splat(HALF_MASK);
  for (const end = to + ((<usize>count) << 2); to < end; from += 8, to += 16) {
    if (kind == 1) v128.store(to, v128.and(i32x4.shl(v128.load16x4_s(from), 13), mask));
    else v128.store(to, i32x4.shl(v128.load16x4_u(from), 16));
  }
}
