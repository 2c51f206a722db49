/** Kernels that treat each value alone. Items are runs of RUN values. */
import { loadTail, silu, storeTail } from "./simd";
import { ElementwiseArgs } from "./structs";

/** Values of an item. */
const RUN: i32 = 1024;

function end(args: ElementwiseArgs, last: i32): usize {
  return (<usize>min(last * RUN, args.size)) << 2;
}

export function swiglu(args: usize, first: i32, last: i32, _thread: i32): void {
  const p = changetype<ElementwiseArgs>(args);
  const stop = end(p, last);
  let i = (<usize>first * RUN) << 2;
  for (; i + 16 <= stop; i += 16)
    v128.store(p.y + i, f32x4.mul(silu(v128.load(p.a + i)), v128.load(p.b + i)));
  const tail = <i32>(stop - i) >> 2;
  if (tail > 0) storeTail(p.y + i, f32x4.mul(silu(loadTail(p.a + i, tail)), loadTail(p.b + i, tail)), tail);
}

export function add(args: usize, first: i32, last: i32, _thread: i32): void {
  const p = changetype<ElementwiseArgs>(args);
  const stop = end(p, last);
  let i = (<usize>first * RUN) << 2;
  for (; i + 16 <= stop; i += 16) v128.store(p.y + i, f32x4.add(v128.load(p.a + i), v128.load(p.b + i)));
  for (; i < stop; i += 4) store<f32>(p.y + i, load<f32>(p.a + i) + load<f32>(p.b + i));
}

export function scale(args: usize, first: i32, last: i32, _thread: i32): void {
  const p = changetype<ElementwiseArgs>(args);
  const stop = end(p, last);
  const factor = f32x4.splat(p.number);
  let i = (<usize>first * RUN) << 2;
  for (; i + 16 <= stop; i += 16) v128.store(p.y + i, f32x4.mul(v128.load(p.a + i), factor));
  for (; i < stop; i += 4) store<f32>(p.y + i, load<f32>(p.a + i) * p.number);
}

/** The larger of each value and a number; NaN stays NaN. */
export function atLeast(args: usize, first: i32, last: i32, _thread: i32): void {
  const p = changetype<ElementwiseArgs>(args);
  const stop = end(p, last);
  const lowerBound = f32x4.splat(p.number);
  let i = (<usize>first * RUN) << 2;
  for (; i + 16 <= stop; i += 16) v128.store(p.y + i, f32x4.max(v128.load(p.a + i), lowerBound));
  for (; i < stop; i += 4) store<f32>(p.y + i, max<f32>(load<f32>(p.a + i), p.number));
}
