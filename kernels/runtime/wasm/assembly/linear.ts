/**
 * Linear maps y = max(x · Wᵀ + bias, lowerBound) of one input by up to three matrices of one layout. Rows of W are split
 * among the threads; sums over columns never are.
 */
import { HALF_MASK, ZEROS } from "./addresses";
import { tileWidth } from "./quantize";
import { LinearFloatArgs, LinearQ8Args, Matrix } from "./structs";
import { float_bf16, float_f16, float_f32, q8 } from "./tiles";

/** Items: row groups of all matrices. The matrices follow the arguments. */
export function linearQ8(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<LinearQ8Args>(args);
  let matrix = args + offsetof<LinearQ8Args>();
  for (let base = 0, end = 0; base < last; base = end, matrix += offsetof<Matrix>()) {
    const m = changetype<Matrix>(matrix);
    end = base + m.groups;
    if (first < end) q8Groups(a, m, max(first, base) - base, min(last, end) - base, thread);
  }
}

function q8Groups(a: LinearQ8Args, m: Matrix, group: i32, end: i32, thread: i32): void {
  const whole = m.rows >> 3; // groups of 8 rows that exist
  const quarter = max(0, min(end, whole) - group) >> 2;
  for (let i = 0; i < quarter; i++, group++) q8Frames(a, m, group, 4, quarter, thread);
  for (group += 3 * quarter; group < end; group++) q8Frames(a, m, group, 1, 0, thread);
}

/** All frames by `streams` row groups, `distance` groups apart. The scratch holds sums, outputs of a partial group, its bias. */
function q8Frames(a: LinearQ8Args, m: Matrix, group: i32, streams: i32, distance: i32, thread: i32): void {
  const blocks = a.blocks;
  const quants = m.weights + ((<usize>group * blocks) << 8);
  const scales = m.scales + ((<usize>group * blocks) << 4);
  const rows = min(8, m.rows - (group << 3));
  const sums = a.scratch + ((<usize>thread) << 11);
  const outputs = sums + 1024;
  let bias = ZEROS;
  let biasStep: usize = 0;
  if (m.bias != 0) {
    bias = m.bias + ((<usize>group) << 5);
    biasStep = (<usize>distance) << 5;
    if (rows < 8) {
      const copy = outputs + 256;
      memory.copy(copy, bias, rows << 2);
      bias = copy;
    }
  }
  for (let frame = 0; frame < a.frames; frame += 8) {
    const present = min(8, a.frames - frame);
    const start = <usize>frame * blocks;
    const y = m.y + ((<usize>frame * m.rows + (group << 3)) << 2);
    q8(
      a.int16,
      tileWidth(present),
      present,
      streams,
      quants,
      scales,
      (<usize>distance * blocks) << 8,
      blocks,
      a.integers + ((start << 5) << a.int16),
      a.scales + (start << 2),
      a.initialSums + (start << 2),
      bias,
      biasStep,
      a.lowerBound,
      rows == 8 ? y : outputs,
      rows == 8 ? (<usize>m.rows) << 2 : 32,
      (<usize>distance) << 5,
      sums,
    );
    if (rows == 8) continue;
    for (let c = 0; c < present; c++)
      memory.copy(y + ((<usize>c * m.rows) << 2), outputs + (c << 5), rows << 2);
  }
}

/** Frames that stay in the second-level cache while panels pass through. */
const STRIP: i32 = 240;
/** Columns of a panel that stay in the first-level cache while frames pass through. */
const DEPTH: i32 = 256;

/** Items: panels of 16 rows of all matrices. The matrices follow the arguments. */
export function linearFloat(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<LinearFloatArgs>(args);
  for (let frame = 0; frame < a.frames; frame += STRIP) {
    const frames = min(STRIP, a.frames - frame);
    let matrix = args + offsetof<LinearFloatArgs>();
    for (let base = 0, end = 0; base < last; base = end, matrix += offsetof<Matrix>()) {
      const m = changetype<Matrix>(matrix);
      end = base + m.groups;
      for (let panel = max(first, base) - base; panel < min(last, end) - base; panel++)
        floatPanel(a, m, panel, frame, frames, thread);
    }
  }
}

function floatPanel(a: LinearFloatArgs, m: Matrix, panel: i32, frame: i32, frames: i32, thread: i32): void {
  const rows = min(16, m.rows - (panel << 4));
  const panelRow: usize = a.kind == 0 ? 64 : 32;
  let weights = m.weights + <usize>panel * a.columns * panelRow;
  const xRow = (<usize>a.columns) << 2;
  let x = a.x + <usize>frame * xRow;
  const yRow = (<usize>m.rows) << 2;
  const y = m.y + <usize>frame * yRow + (panel << 6);
  const bias = m.bias == 0 ? ZEROS : m.bias + (panel << 6);
  if (rows < 16) return partialPanel(a, rows, weights, x, frames, bias, y, yRow, thread);
  let start = bias;
  let startRow: usize = 0;
  for (let left = a.columns; left > 0; left -= DEPTH) {
    const part = min(DEPTH, left);
    const lowerBound = left == part ? a.lowerBound : -Infinity;
    if (a.expanded != 0) {
      const expanded = a.expanded + ((<usize>thread * DEPTH) << 6);
      expand(weights, expanded, part << 4, a.kind);
      float_f32(frames, x, xRow, expanded, part, start, startRow, lowerBound, y, yRow);
    } else product(a.kind, frames, x, xRow, weights, part, start, startRow, lowerBound, y, yRow);
    weights += <usize>part * panelRow;
    x += (<usize>part) << 2;
    start = y;
    startRow = yRow;
  }
}

/** A panel of fewer than 16 rows: computed in the scratch, then copied. */
function partialPanel(
  a: LinearFloatArgs,
  rows: i32,
  weights: usize,
  x: usize,
  frames: i32,
  bias: usize,
  y: usize,
  yRow: usize,
  thread: i32,
): void {
  const scratch = a.scratch + ((<usize>thread) << 10);
  const start = scratch + 512;
  memory.copy(start, bias, rows << 2);
  const xRow = (<usize>a.columns) << 2;
  for (let frame = 0; frame < frames; frame += 6, x += 6 * xRow) {
    const count = min(6, frames - frame);
    product(a.kind, count, x, xRow, weights, a.columns, start, 0, a.lowerBound, scratch, 64);
    for (let c = 0; c < count; c++, y += yRow) memory.copy(y, scratch + (c << 6), rows << 2);
  }
}

function product(
  kind: i32,
  frames: i32,
  x: usize,
  xRow: usize,
  panel: usize,
  columns: i32,
  start: usize,
  startRow: usize,
  lowerBound: f32,
  y: usize,
  yRow: usize,
): void {
  if (kind == 0) float_f32(frames, x, xRow, panel, columns, start, startRow, lowerBound, y, yRow);
  else if (kind == 1) float_f16(frames, x, xRow, panel, columns, start, startRow, lowerBound, y, yRow);
  else float_bf16(frames, x, xRow, panel, columns, start, startRow, lowerBound, y, yRow);
}

/** Converts 16-bit weights to float32, as the tiles do. */
function expand(from: usize, to: usize, count: i32, kind: i32): void {
  const mask = v128.load32_splat(HALF_MASK);
  for (const end = to + ((<usize>count) << 2); to < end; from += 8, to += 16) {
    if (kind == 1) v128.store(to, v128.and(i32x4.shl(v128.load16x4_s(from), 13), mask));
    else v128.store(to, i32x4.shl(v128.load16x4_u(from), 16));
  }
}
