/** Kernels that work on one row at a time: norms, rotation, gates, the FSMN memory. Items are rows unless said otherwise. */
import { POSITION } from "./layout";
import { fma, loadTail, silu, storeTail, sumOfLanes } from "./simd";

@unmanaged
class NormArgs {
  x: usize;
  y: usize;
  /** Values that are normalized together; an item is one such group. */
  size: i32;
  eps: f32;
  weight: usize;
  bias: usize;
}

export function layerNorm(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<NormArgs>(args);
  const size = a.size;
  const bytes = (<usize>size) << 2;
  const whole = bytes & ~15;
  const tail = size & 3;
  for (let row = first; row < last; row++) {
    const x = a.x + <usize>row * bytes;
    const y = a.y + <usize>row * bytes;
    // Two sums at a time: one alone would wait for itself.
    let i: usize = 0;
    let sums = f32x4.splat(0);
    let others = f32x4.splat(0);
    for (; i + 32 <= whole; i += 32) {
      sums = f32x4.add(sums, v128.load(x + i));
      others = f32x4.add(others, v128.load(x + i, 16));
    }
    if (i < whole) sums = f32x4.add(sums, v128.load(x + i));
    if (tail) others = f32x4.add(others, loadTail(x + whole, tail));
    const mean = sumOfLanes(f32x4.add(sums, others)) / <f32>size;
    const means = f32x4.splat(mean);

    let squares = f32x4.splat(0);
    others = f32x4.splat(0);
    for (i = 0; i + 32 <= whole; i += 32) {
      const d = f32x4.sub(v128.load(x + i), means);
      const e = f32x4.sub(v128.load(x + i, 16), means);
      squares = fma(d, d, squares);
      others = fma(e, e, others);
    }
    if (i < whole) {
      const d = f32x4.sub(v128.load(x + i), means);
      squares = fma(d, d, squares);
    }
    let sum = sumOfLanes(f32x4.add(squares, others));
    for (i = whole; i < bytes; i += 4) {
      const d = load<f32>(x + i) - mean;
      sum += d * d;
    }
    const scale = f32x4.splat(1 / sqrt<f32>(sum / <f32>size + a.eps));

    for (i = 0; i + 32 <= whole; i += 32) {
      const d = f32x4.mul(f32x4.sub(v128.load(x + i), means), scale);
      const e = f32x4.mul(f32x4.sub(v128.load(x + i, 16), means), scale);
      const u = fma(d, v128.load(a.weight + i), v128.load(a.bias + i));
      const v = fma(e, v128.load(a.weight + i, 16), v128.load(a.bias + i, 16));
      v128.store(y + i, u);
      v128.store(y + i, v, 16);
    }
    if (i < whole) {
      const normed = f32x4.mul(f32x4.sub(v128.load(x + i), means), scale);
      v128.store(y + i, fma(normed, v128.load(a.weight + i), v128.load(a.bias + i)));
    }
    if (tail) {
      const normed = f32x4.mul(f32x4.sub(loadTail(x + whole, tail), means), scale);
      storeTail(
        y + whole,
        fma(normed, loadTail(a.weight + whole, tail), loadTail(a.bias + whole, tail)),
        tail,
      );
    }
  }
}

export function rmsNorm(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<NormArgs>(args);
  const bytes = (<usize>a.size) << 2;
  for (let group = first; group < last; group++) {
    normRow(a.x + <usize>group * bytes, a.weight, a.y + <usize>group * bytes, a.size, a.eps);
  }
}

function normRow(x: usize, weight: usize, y: usize, size: i32, eps: f32): void {
  const bytes = (<usize>size) << 2;
  const whole = bytes & ~15;
  const tail = size & 3;
  let squares = f32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 16) {
    const v = v128.load(x + i);
    squares = fma(v, v, squares);
  }
  if (tail) {
    const v = loadTail(x + whole, tail);
    squares = fma(v, v, squares);
  }
  const scale = f32x4.splat(1 / sqrt<f32>(sumOfLanes(squares) / <f32>size + eps));
  for (let i: usize = 0; i < whole; i += 16) {
    v128.store(y + i, f32x4.mul(f32x4.mul(v128.load(x + i), scale), v128.load(weight + i)));
  }
  if (tail) {
    const v = f32x4.mul(f32x4.mul(loadTail(x + whole, tail), scale), loadTail(weight + whole, tail));
    storeTail(y + whole, v, tail);
  }
}

@unmanaged
class RopeArgs {
  x: usize;
  y: usize;
  heads: i32;
  size: i32;
  eps: f32;
  /** Norm weight, or 0: rotation only. */
  weight: usize;
  /** Row of the first position, but for POSITION: size / 2 cosines, then as many sines, for each position. */
  angles: usize;
}

export function normRope(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<RopeArgs>(args);
  const bytes = (<usize>a.size) << 2;
  const half = bytes >> 1;
  const angles = a.angles + <usize>load<i32>(POSITION) * bytes;
  for (let row = first; row < last; row++) {
    const cosines = angles + <usize>row * bytes;
    const sines = cosines + half;
    for (let head = 0; head < a.heads; head++) {
      const at = <usize>(row * a.heads + head) * bytes;
      const y = a.y + at;
      let x = a.x + at;
      if (a.weight != 0) {
        normRow(x, a.weight, y, a.size, a.eps);
        x = y;
      }
      let i: usize = 0;
      for (; i + 16 <= half; i += 16) {
        const u = v128.load(x + i);
        const v = v128.load(x + half + i);
        const c = v128.load(cosines + i);
        const s = v128.load(sines + i);
        v128.store(y + i, f32x4.sub(f32x4.mul(u, c), f32x4.mul(v, s)));
        v128.store(y + half + i, f32x4.add(f32x4.mul(v, c), f32x4.mul(u, s)));
      }
      for (; i < half; i += 4) {
        const u = load<f32>(x + i);
        const v = load<f32>(x + half + i);
        const c = load<f32>(cosines + i);
        const s = load<f32>(sines + i);
        store<f32>(y + i, u * c - v * s);
        store<f32>(y + half + i, v * c + u * s);
      }
    }
  }
}

@unmanaged
class PairArgs {
  a: usize;
  b: usize;
  y: usize;
  /** Values in all; an item is a run of 1024 of them. */
  size: i32;
  /** For the maps of one operand. */
  number: f32;
}

/** Items are runs of 1024 values, four of which may lie beyond the end: buffers are padded. */
const RUN: i32 = 1024;

function end(args: PairArgs, last: i32): usize {
  return (<usize>min(last * RUN, args.size)) << 2;
}

export function swiglu(args: usize, first: i32, last: i32, _thread: i32): void {
  const p = changetype<PairArgs>(args);
  const stop = end(p, last);
  let i = (<usize>first * RUN) << 2;
  for (; i + 16 <= stop; i += 16)
    v128.store(p.y + i, f32x4.mul(silu(v128.load(p.a + i)), v128.load(p.b + i)));
  const tail = <i32>(stop - i) >> 2;
  if (tail > 0) storeTail(p.y + i, f32x4.mul(silu(loadTail(p.a + i, tail)), loadTail(p.b + i, tail)), tail);
}

export function add(args: usize, first: i32, last: i32, _thread: i32): void {
  const p = changetype<PairArgs>(args);
  const stop = end(p, last);
  let i = (<usize>first * RUN) << 2;
  for (; i + 16 <= stop; i += 16) v128.store(p.y + i, f32x4.add(v128.load(p.a + i), v128.load(p.b + i)));
  for (; i < stop; i += 4) store<f32>(p.y + i, load<f32>(p.a + i) + load<f32>(p.b + i));
}

export function scale(args: usize, first: i32, last: i32, _thread: i32): void {
  const p = changetype<PairArgs>(args);
  const stop = end(p, last);
  const factor = f32x4.splat(p.number);
  let i = (<usize>first * RUN) << 2;
  for (; i + 16 <= stop; i += 16) v128.store(p.y + i, f32x4.mul(v128.load(p.a + i), factor));
  for (; i < stop; i += 4) store<f32>(p.y + i, load<f32>(p.a + i) * p.number);
}

/** The larger of each value and a number; NaN stays NaN. */
export function atLeast(args: usize, first: i32, last: i32, _thread: i32): void {
  const p = changetype<PairArgs>(args);
  const stop = end(p, last);
  const floor = f32x4.splat(p.number);
  let i = (<usize>first * RUN) << 2;
  for (; i + 16 <= stop; i += 16) v128.store(p.y + i, f32x4.max(v128.load(p.a + i), floor));
  for (; i < stop; i += 4) store<f32>(p.y + i, max<f32>(load<f32>(p.a + i), p.number));
}

@unmanaged
class FsmnArgs {
  v: usize;
  /** [taps, channels]: transposed. */
  kernel: usize;
  y: usize;
  frames: i32;
  channels: i32;
  taps: i32;
  left: i32;
}

export function fsmn(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<FsmnArgs>(args);
  const bytes = (<usize>a.channels) << 2;
  for (let t = first; t < last; t++) {
    const from = max(0, a.left - t);
    const to = min(a.taps, a.frames + a.left - t);
    const row = a.v + <usize>t * bytes;
    const y = a.y + <usize>t * bytes;
    const start = a.v + <usize>(t + from - a.left) * bytes;
    const kernel = a.kernel + <usize>from * bytes;
    let c: usize = 0;
    for (; c + 32 <= bytes; c += 32) {
      let sum = v128.load(row + c);
      let other = v128.load(row + c, 16);
      let p = start + c;
      let k = kernel + c;
      for (let j = from; j < to; j++, p += bytes, k += bytes) {
        sum = fma(v128.load(k), v128.load(p), sum);
        other = fma(v128.load(k, 16), v128.load(p, 16), other);
      }
      v128.store(y + c, sum);
      v128.store(y + c, other, 16);
    }
    for (; c + 16 <= bytes; c += 16) {
      let sum = v128.load(row + c);
      let p = start + c;
      let k = kernel + c;
      for (let j = from; j < to; j++, p += bytes, k += bytes) sum = fma(v128.load(k), v128.load(p), sum);
      v128.store(y + c, sum);
    }
    for (; c < bytes; c += 4) {
      let sum = load<f32>(row + c);
      let p = start + c;
      let k = kernel + c;
      for (let j = from; j < to; j++, p += bytes, k += bytes) sum += load<f32>(k) * load<f32>(p);
      store<f32>(y + c, sum);
    }
  }
}

/** [rows, columns] to [columns, rows], for small matrices. */
export function transpose(x: usize, rows: i32, columns: i32, y: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, x += 4) store<f32>(y + ((<usize>(c * rows + r)) << 2), load<f32>(x));
  }
}

@unmanaged
class CopyArgs {
  from: usize;
  to: usize;
  bytes: i32;
  fromRow: i32;
  toRow: i32;
}

/** Rows of `bytes` each, with a pitch on either side. */
export function copyRows(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<CopyArgs>(args);
  for (let row = first; row < last; row++) {
    memory.copy(a.to + <usize>row * a.toRow, a.from + <usize>row * a.fromRow, a.bytes);
  }
}
