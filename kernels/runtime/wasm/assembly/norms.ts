/** Norms of rows. Items are rows, or groups of values that are normalized together. */
import { fma, loadTail, storeTail, sumOfLanes } from "./simd";
import { LayerNormArgs, RmsNormArgs } from "./structs";

export function layerNorm(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<LayerNormArgs>(args);
  const bytes = (<usize>a.size) << 2;
  for (let row = first; row < last; row++) {
    const at = <usize>row * bytes;
    layerNormRow(a.x + at, a.weight, a.bias, a.y + at, a.size, a.eps);
  }
}

/** Layer norm of one row. */
export function layerNormRow(x: usize, weight: usize, bias: usize, y: usize, size: i32, eps: f32): void {
  const bytes = (<usize>size) << 2;
  const whole = bytes & ~15;
  const tail = size & 3;
  // Two sums at a time: the additions of one depend on each other.
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
  const scale = f32x4.splat(1 / sqrt<f32>(sum / <f32>size + eps));

  for (i = 0; i + 32 <= whole; i += 32) {
    const d = f32x4.mul(f32x4.sub(v128.load(x + i), means), scale);
    const e = f32x4.mul(f32x4.sub(v128.load(x + i, 16), means), scale);
    const u = fma(d, v128.load(weight + i), v128.load(bias + i));
    const v = fma(e, v128.load(weight + i, 16), v128.load(bias + i, 16));
    v128.store(y + i, u);
    v128.store(y + i, v, 16);
  }
  if (i < whole) {
    const normed = f32x4.mul(f32x4.sub(v128.load(x + i), means), scale);
    v128.store(y + i, fma(normed, v128.load(weight + i), v128.load(bias + i)));
  }
  if (tail) {
    const normed = f32x4.mul(f32x4.sub(loadTail(x + whole, tail), means), scale);
    storeTail(y + whole, fma(normed, loadTail(weight + whole, tail), loadTail(bias + whole, tail)), tail);
  }
}

export function rmsNorm(args: usize, first: i32, last: i32, _thread: i32): void {
  const a = changetype<RmsNormArgs>(args);
  const bytes = (<usize>a.size) << 2;
  for (let group = first; group < last; group++) {
    normRow(a.x + <usize>group * bytes, a.weight, a.y + <usize>group * bytes, a.size, a.eps);
  }
}

/** Root mean square norm of one row; y may be x. */
export function normRow(x: usize, weight: usize, y: usize, size: i32, eps: f32): void {
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
