/**
 * The Q8 products of linear.ts for many frames: the same sums, over blocks in order, at the speed of the multipliers. All
 * frames pass by a panel of 16 rows, two groups, six or four frames at a time (`quantizeTiles` packs them so). A lane of a
 * product is a row, so no sum runs across lanes.
 *
 * The 8-bit products read the weights as they lie. For products of 16 bits a panel is widened once:
 * [block][16 pairs of columns of W][16 rows][2 integers]. Scales become float32, [block][16 rows], for both.
 */
import { HALF_MASK, HALF_SCALE } from "./addresses";
import { quantizeTile } from "./quantize-tiles";
import { larger } from "./simd";
import { GemmQ8Args, Matrix } from "./structs";
import { q8_gemm_int16_4, q8_gemm_int8_4, q8_gemm_int8_6 } from "./tiles";

/** Items: panels of 16 rows of all matrices. The matrices follow the arguments; their `groups` are panels here. */
export function gemmQ8(args: usize, first: i32, last: i32, thread: i32): void {
  const a = changetype<GemmQ8Args>(args);
  const scratch = a.scratch + <usize>thread * a.scratchBytes;
  let matrix = args + offsetof<GemmQ8Args>();
  for (let base = 0, end = 0; base < last; base = end, matrix += offsetof<Matrix>()) {
    const m = changetype<Matrix>(matrix);
    end = base + m.groups;
    const to = min(last, end) - base;
    for (let panel = max(first, base) - base; panel < to; panel += a.together)
      multiply(a, m, panel, min(a.together, to - panel), scratch);
  }
}

/**
 * All frames by some panels. The scratch holds the outputs of 6 frames, their bias, the panels' scales (blocks · 64 bytes
 * each) and, for products of 16 bits, the panels (blocks · 1024 bytes each).
 */
function multiply(a: GemmQ8Args, m: Matrix, panel: i32, panels: i32, scratch: usize): void {
  const blocks = a.blocks;
  const run = (<usize>panels) << 6; // bytes of the outputs of a frame
  const outputs = scratch;
  const bias = outputs + 6 * run;
  const scales = bias + run;
  const panelScales = (<usize>blocks) << 6;
  const widened = scales + <usize>panels * panelScales;
  const groupBytes = (<usize>blocks) << 8;
  const panelBytes = a.int16 ? groupBytes << 2 : groupBytes << 1;

  const row = panel << 4;
  const rows = min(panels << 4, m.rows - row);
  if (m.bias != 0) memory.copy(bias, m.bias + (row << 2), rows << 2);
  else memory.fill(bias, 0, run);

  // Where the second group of the last panel is missing, the first one is used for both.
  let weights = m.weights + <usize>panel * 2 * groupBytes;
  const lastDistance: usize = rows > (panels << 4) - 8 ? groupBytes : 0;
  for (let p = 0; p < panels; p++) {
    const from = weights + <usize>p * 2 * groupBytes;
    const fromScales = m.scales + ((<usize>(panel + p) * 2 * groupBytes) >> 4);
    const distance = p < panels - 1 ? groupBytes : lastDistance;
    unpackScales(fromScales, distance >> 4, blocks, scales + <usize>p * panelScales);
    if (a.int16) widen(from, distance, blocks, widened + <usize>p * panelBytes);
  }
  if (a.int16) weights = widened;

  const inSixes = a.tilesOfSix * 6;
  for (let frame = 0, width = 0; frame < a.frames; frame += width) {
    width = frame < inSixes ? 6 : 4;
    for (let c = 0; c < width; c++) copyVectors(bias, outputs + <usize>c * run, run);
    const start = <usize>frame * a.blocks;
    const x = a.integers + ((start << 5) << a.int16);
    const xScales = a.scales + (start << 2);
    const xInitialSums = a.initialSums + (start << 2);
    for (let p = 0; p < panels; p++) {
      const from = weights + <usize>p * panelBytes;
      const by = scales + <usize>p * panelScales;
      const to = outputs + (p << 6);
      const distance = p < panels - 1 ? groupBytes : lastDistance;
      if (a.int16) q8_gemm_int16_4(x, from, by, blocks, xScales, to, run);
      else if (width == 6) q8_gemm_int8_6(x, from, distance, by, blocks, xScales, xInitialSums, to, run);
      else q8_gemm_int8_4(x, from, distance, by, blocks, xScales, xInitialSums, to, run);
    }
    const present = min(width, a.frames - frame);
    if (a.toIntegers != 0) pack(a, frame, width, present, row, rows, outputs, run, m.rows >> 5);
    else finish(a, m, frame, present, row, rows, outputs, run);
  }
}

/** Writes the outputs of some frames, and the addends added to them, to the result. */
function finish(
  a: GemmQ8Args,
  m: Matrix,
  frame: i32,
  frames: i32,
  row: i32,
  rows: i32,
  outputs: usize,
  run: usize,
): void {
  for (const end = frame + frames; frame < end; frame++, outputs += run) {
    const at = (<usize>frame * m.rows + row) << 2;
    if (a.lowerBound != -Infinity) atLeast(outputs, rows, a.lowerBound);
    if (a.addend == 0) copy(outputs, rows, m.y + at);
    else if (a.otherAddend == 0) writeSum(outputs, rows, a.addend + at, m.y + at);
    else writeSums(outputs, rows, a.addend + at, a.otherAddend + at, m.y + at);
  }
}

/** Packs the outputs of a tile's frames as the next product's input. */
function pack(
  a: GemmQ8Args,
  frame: i32,
  width: i32,
  present: i32,
  row: i32,
  rows: i32,
  outputs: usize,
  run: usize,
  blocks: i32,
): void {
  // Zeros of either sign are the same integer, so their order does not matter to this maximum.
  const least = f32x4.splat(a.lowerBound);
  for (let p = outputs, end = outputs + <usize>width * run; p < end; p += 32) {
    const low = larger(least, v128.load(p));
    v128.store(p, larger(least, v128.load(p, 16)), 16);
    v128.store(p, low);
  }
  const start = <usize>(frame * blocks + (row >> 5) * width);
  quantizeTile(
    outputs,
    run,
    width,
    present,
    rows >> 5,
    a.toIntegers + ((start << 5) << a.int16),
    a.toScales + (start << 2),
    a.toInitialSums + (start << 2),
    a.int16,
    a.sumFactor,
  );
}

/** memory.copy is a call out of WebAssembly, which takes longer for few bytes. Upper halves first, as in attention.ts. */
function copyVectors(from: usize, to: usize, bytes: usize): void {
  for (const end = from + bytes; from < end; from += 32, to += 32) {
    const low = v128.load(from);
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, low);
  }
}

/** max(x, lowerBound) for the outputs of a frame. */
function atLeast(p: usize, count: i32, lowerBound: f32): void {
  const least = f32x4.splat(lowerBound);
  for (; count >= 4; count -= 4, p += 16) v128.store(p, f32x4.max(v128.load(p), least));
  for (; count > 0; count--, p += 4) store<f32>(p, max(load<f32>(p), lowerBound));
}

/** y = x for the outputs of a frame. */
function copy(x: usize, count: i32, y: usize): void {
  const whole = (<usize>(count & ~7)) << 2;
  copyVectors(x, y, whole);
  for (let i = whole, end = (<usize>count) << 2; i < end; i += 4) store<f32>(y + i, load<f32>(x + i));
}

/** y = x + a. */
function writeSum(x: usize, count: i32, a: usize, y: usize): void {
  const bytes = (<usize>count) << 2;
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    const low = f32x4.add(v128.load(x + i), v128.load(a + i));
    v128.store(y + i, f32x4.add(v128.load(x + i, 16), v128.load(a + i, 16)), 16);
    v128.store(y + i, low);
  }
  for (; i < bytes; i += 4) store<f32>(y + i, load<f32>(x + i) + load<f32>(a + i));
}

/** y = x + a + b. */
function writeSums(x: usize, count: i32, a: usize, b: usize, y: usize): void {
  const bytes = (<usize>count) << 2;
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    const low = f32x4.add(f32x4.add(v128.load(x + i), v128.load(a + i)), v128.load(b + i));
    const high = f32x4.add(f32x4.add(v128.load(x + i, 16), v128.load(a + i, 16)), v128.load(b + i, 16));
    v128.store(y + i, high, 16);
    v128.store(y + i, low);
  }
  for (; i < bytes; i += 4) store<f32>(y + i, load<f32>(x + i) + load<f32>(a + i) + load<f32>(b + i));
}

/** Scales of two groups of 8 rows, side by side. */
function unpackScales(from: usize, distance: usize, blocks: i32, to: usize): void {
  for (const end = to + ((<usize>blocks) << 6); to < end; from += 16, to += 64) {
    for (let i: usize = 0; i < 2; i++) {
      v128.store(to + (i << 4), scalesAt(from + (i << 3)));
      v128.store(to + 32 + (i << 4), scalesAt(from + distance + (i << 3)));
    }
  }
}

function scalesAt(from: usize): v128 {
  const bits = v128.and(i32x4.shl(v128.load16x4_s(from), 13), v128.load32_splat(HALF_MASK));
  return f32x4.mul(bits, v128.load32_splat(HALF_SCALE));
}

/** Two groups of 8 rows as a panel of 16-bit integers. */
function widen(from: usize, distance: usize, blocks: i32, to: usize): void {
  for (const end = from + ((<usize>blocks) << 8); from < end; from += 32, to += 128) {
    widenStep(from, to);
    widenStep(from + distance, to + 32);
  }
}

/** 8 rows of 4 integers, in the order 0 1 4 5 2 3 6 7, to two steps of 8 rows of 2 integers. */
function widenStep(from: usize, to: usize): void {
  // Four rows at a time: V8 pairs the shuffles of eight rows incorrectly.
  for (const end = from + 16; from < end; from += 8, to += 16) {
    const a = v128.load8x8_s(from);
    const b = v128.load8x8_s(from, 16);
    v128.store(to, v128.shuffle<i32>(a, b, 0, 2, 4, 6));
    v128.store(to, v128.shuffle<i32>(a, b, 1, 3, 5, 7), 64);
  }
}
