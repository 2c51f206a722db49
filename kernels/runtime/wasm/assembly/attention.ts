/**
 * softmax(q · kᵀ · scale) · v with grouped queries. An item is a block of query rows of one key/value head; the rows
 * are (frame, query head of the group), so that all of them use what is read of k and v.
 *
 * Keys lie in panels of 16 positions, [position / 16][column][16], values in panels of 16 columns,
 * [head][column / 16][position][16], so scores and outputs are plain products with the float tiles.
 * Every score sums its columns in order, every output its positions in order, and masked positions add an exact zero:
 * a row has the same bytes alone, in a block, as a step or in a prefill.
 */
import { EXP, POSITION, ZEROS } from "./addresses";
import { expWith, larger, largestOfLanes, sumOfLanes } from "./simd";
import { AttentionArgs } from "./structs";
import { float_f32 as products, float_streams as streams } from "./tiles";

/** Items: for each key/value head, whose keys and values stay in the second-level cache, all blocks of frames. */
export function attention(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<AttentionArgs>(args);
  const blocks = (a.frames + a.blockFrames - 1) / a.blockFrames;
  for (let item = first; item < last; item++) {
    const frame = (item % blocks) * a.blockFrames;
    block(a, item / blocks, frame, min(a.blockFrames, a.frames - frame), thread);
  }
}

function block(a: AttentionArgs, kvHead: i32, frame: i32, frames: i32, thread: i32): void {
  const group = a.heads / a.kvHeads;
  const rows = frames * group;
  const headDim = a.headDim;
  const headBytes = (<usize>headDim) << 2;
  const length = a.length + load<i32>(POSITION);
  const before = a.causal ? length - a.frames + frame : length; // positions before the block's first frame, or all
  const span = a.causal ? before + frames : length; // positions that any row of the block sees
  const panels = (span + 15) >> 4;
  const scoreRow = (<usize>(panels | 1)) << 6; // an odd number of cache lines, so that rows do not map to the same cache sets
  const outRow = (<usize>headDim * 4 + 63) & ~63;

  const queries = a.scratch + <usize>thread * a.scratchBytes;
  const scores = queries + <usize>rows * outRow;
  const inverses = scores + <usize>rows * scoreRow;

  loadQueries(a.q, a.heads, kvHead, group, frame, rows, headDim, a.scale, queries, outRow);
  const keys = a.keys + ((<usize>kvHead * headBytes) << 4);
  scoreRows(
    queries,
    outRow,
    rows,
    headDim,
    keys,
    (<usize>a.kvHeads * headBytes) << 4,
    panels,
    scores,
    scoreRow,
  );

  for (let r = 0; r < rows; r++) {
    const visible = a.causal ? before + r / group + 1 : length;
    store<f32>(inverses + (r << 2), softmaxRow(scores + <usize>r * scoreRow, visible, panels << 4));
  }

  const valuePanel = (<usize>a.valueCapacity) << 6;
  const columnPanels = (headDim + 15) >> 4;
  const values = a.values + <usize>(kvHead * columnPanels) * valuePanel;
  const outputs = queries; // the queries are not needed any more
  contextRows(scores, scoreRow, rows, span, values, valuePanel, columnPanels, outputs, outRow);
  for (let r = 0; r < rows; r++) {
    const head = kvHead * group + (r % group);
    const to = a.y + <usize>((frame + r / group) * a.heads + head) * headBytes;
    scaleRow(outputs + <usize>r * outRow, to, headDim, load<f32>(inverses + (r << 2)));
  }
}

/** The scaled queries of a block, rows (frame, query head of the group), at `to`. */
export function loadQueries(
  q: usize,
  heads: i32,
  kvHead: i32,
  group: i32,
  frame: i32,
  rows: i32,
  headDim: i32,
  factor: f32,
  to: usize,
  toRow: usize,
): void {
  for (let r = 0; r < rows; r++, to += toRow) {
    const head = kvHead * group + (r % group);
    scaleRow(q + ((<usize>((frame + r / group) * heads + head) * headDim) << 2), to, headDim, factor);
  }
}

/** Rows of queries against panels of one head's keys, which lie `keyPanel` bytes apart. */
export function scoreRows(
  queries: usize,
  queryRow: usize,
  rows: i32,
  headDim: i32,
  keys: usize,
  keyPanel: usize,
  panels: i32,
  scores: usize,
  scoreRow: usize,
): void {
  multiply(queries, queryRow, rows, headDim, keys, keyPanel, panels, false, scores, scoreRow);
}

/** Positions whose values, 16 columns of them, stay in the first-level cache while rows pass through. */
const POSITIONS: i32 = 256;

/** Rows of weights against panels of one head's values, which lie `valuePanel` bytes apart. */
export function contextRows(
  weights: usize,
  weightRow: usize,
  rows: i32,
  positions: i32,
  values: usize,
  valuePanel: usize,
  panels: i32,
  outputs: usize,
  outputRow: usize,
): void {
  for (let first = 0; first < positions; first += POSITIONS) {
    const count = min(POSITIONS, positions - first);
    const from = weights + ((<usize>first) << 2);
    const panel = values + ((<usize>first) << 6);
    multiply(from, weightRow, rows, count, panel, valuePanel, panels, first > 0, outputs, outputRow);
  }
}

/** Least number of rows for which the products take longer than reading a panel from memory. */
const MANY: i32 = 24;

/** y = x · panels, which lie `distance` bytes apart; y += if `more`. */
function multiply(
  x: usize,
  xRow: usize,
  rows: i32,
  depth: i32,
  panel: usize,
  distance: usize,
  panels: i32,
  more: bool,
  y: usize,
  yRow: usize,
): void {
  const startRow = more ? yRow : 0;
  const startPanel: usize = more ? 64 : 0;
  // Rows that fill no tile of six read four panels at once, since reading takes most of their time; the tiles of six then
  // find the panels in the cache.
  const left = rows % 6;
  const few = rows >= MANY ? 0 : left > 0 ? left : 2;
  const fours = few > 0 ? panels & ~3 : 0;
  for (let p = 0; p < panels; p++, panel += distance, y += 64) {
    const start = more ? y : ZEROS;
    if (p < fours && p % 4 == 0)
      streams(few, x, xRow, panel, distance, depth, start, startRow, startPanel, y, yRow);
    const done = p < fours ? few : 0;
    const from = start + <usize>done * startRow;
    const to = y + <usize>done * yRow;
    products(rows - done, x + <usize>done * xRow, xRow, panel, depth, from, startRow, -Infinity, to, yRow);
  }
}

export function scaleRow(from: usize, to: usize, size: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const bytes = (<usize>size) << 2;
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    const low = f32x4.mul(v128.load(from + i), factors);
    const high = f32x4.mul(v128.load(from + i, 16), factors);
    v128.store(to + i, high, 16); // first, as in `exponentials`
    v128.store(to + i, low);
  }
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, f32x4.mul(v128.load(from + i), factors));
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i) * factor);
}

/**
 * Replaces `count` scores by e^(score − largest), and the rest up to `capacity`, a multiple of 16, by zeros; returns
 * 1 / sum. Four vectors at a time, so that maxima and sums do not depend on the one before.
 */
export function softmaxRow(p: usize, count: i32, capacity: i32): f32 {
  const end = p + ((<usize>((count + 15) & ~15)) << 2);
  for (let i = count; i < capacity; i++) store<f32>(p + ((<usize>i) << 2), -Infinity);
  let a = v128.load(p);
  let b = a;
  let c = a;
  let d = a;
  for (let s = p; s < end; s += 64) {
    a = larger(a, v128.load(s));
    b = larger(b, v128.load(s, 16));
    c = larger(c, v128.load(s, 32));
    d = larger(d, v128.load(s, 48));
  }
  exponentials(p, end, largestOfLanes(larger(larger(a, b), larger(c, d))));
  for (let i = count; i < capacity; i++) store<f32>(p + ((<usize>i) << 2), 0);
  a = b = c = d = f32x4.splat(0);
  for (let s = p; s < end; s += 64) {
    a = f32x4.add(a, v128.load(s));
    b = f32x4.add(b, v128.load(s, 16));
    c = f32x4.add(c, v128.load(s, 32));
    d = f32x4.add(d, v128.load(s, 48));
  }
  return 1 / sumOfLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/**
 * Replaces scores up to `end` by e^(score − most). The condition is at the end of the loop: otherwise TurboFan computes
 * constants again in every iteration.
 */
function exponentials(p: usize, end: usize, most: f32): void {
  const largest = f32x4.splat(most);
  const least = v128.load32_splat(EXP);
  const c2 = v128.load32_splat(EXP, 8);
  const c3 = v128.load32_splat(EXP, 12);
  const c4 = v128.load32_splat(EXP, 16);
  const c5 = v128.load32_splat(EXP, 20);
  const c6 = v128.load32_splat(EXP, 24);
  const c7 = v128.load32_splat(EXP, 28);
  const c8 = v128.load32_splat(EXP, 32);
  const c9 = v128.load32_splat(EXP, 36);
  const c10 = v128.load32_splat(EXP, 40);
  const c11 = v128.load32_splat(EXP, 44);
  const c12 = v128.load32_splat(EXP, 48);
  do {
    const x = larger(least, f32x4.sub(v128.load(p), largest));
    const y = larger(least, f32x4.sub(v128.load(p, 16), largest));
    const e = expWith(x, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12);
    const f = expWith(y, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12);
    v128.store(p, f, 16); // the upper one first: otherwise V8, where it pairs the stores, keeps the lower one as well
    v128.store(p, e);
    p += 32;
  } while (p < end);
}
