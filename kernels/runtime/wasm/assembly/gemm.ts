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

/** Writes the outputs of some frames to the result, and adds the addends. */
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
    atLeast(outputs, rows, a.lowerBound, m.y + at);
    if (a.addend != 0) add(a.addend + at, rows, m.y + at);
    if (a.otherAddend != 0) add(a.otherAddend + at, rows, m.y + at);
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
  for (let c = 0; c < width; c++) {
    const from = outputs + <usize>c * run;
    atLeast(from, rows, a.lowerBound, from);
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

/** memory.copy is a call out of WebAssembly, which takes longer for few bytes. */
function copyVectors(from: usize, to: usize, bytes: usize): void {
  for (const end = from + bytes; from < end; from += 16, to += 16) v128.store(to, v128.load(from));
}

/** max(x, lowerBound) for the outputs of a frame. */
function atLeast(from: usize, count: i32, lowerBound: f32, to: usize): void {
  const least = f32x4.splat(lowerBound);
  for (; count >= 4; count -= 4, from += 16, to += 16) v128.store(to, f32x4.max(v128.load(from), least));
  for (; count > 0; count--, from += 4, to += 4) store<f32>(to, max(load<f32>(from), lowerBound));
}

function add(from: usize, count: i32, to: usize): void {
  for (; count >= 4; count -= 4, from += 16, to += 16)
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; count > 0; count--, from += 4, to += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
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
