/**
 * Small inlined helpers of the kernels. The only file with decorated functions, which are valid AssemblyScript but not
 * TypeScript: linter and formatter ignore this file.
 */
import { EXP } from "./addresses";

/** a·b + c, fused where the machine can. */
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/**
 * sum + the products of the four signed bytes in each lane of a with those of b: unsigned without relaxed SIMD, else as
 * the machine does it (probe.ts).
 */
@inline
export function dot(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, sum);
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), i16x8.extend_low_i8x16_u(b));
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), i16x8.extend_high_i8x16_u(b));
  const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
  return i32x4.add(sum, i32x4.add(even, v128.shuffle<i32>(low, high, 1, 3, 5, 7)));
}

/** The larger lanes; where a lane of b is NaN, that NaN. */
@inline
export function larger(a: v128, b: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_max(a, b) : f32x4.pmax(b, a);
}

@inline
function smaller(a: v128, b: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_min(a, b) : f32x4.pmin(b, a);
}

@inline
export function sumOfLanes(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

@inline
export function largestOfLanes(v: v128): f32 {
  const pairs = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** 1.5·2^23: adding it rounds a float32 below 2^22 to an integer, ties to even, left in the low mantissa bits. */
export const ROUND: f32 = 12582912;

@inline
function constant(index: i32): v128 {
  return v128.load32_splat(EXP + (index << 2));
}

/**
 * e^x to about 1 ulp, Cephes' expf on four lanes: 2^n · p(x − n·ln 2). Results stay normal numbers: x is cut at
 * −87 and 88. Constants come from memory, since V8 would otherwise build each of them at every use. NaN stays NaN: x is the
 * second operand of the comparisons, which is the one that x86 returns.
 */
@inline
export function exp(x: v128): v128 {
  return expWith(
    smaller(constant(1), larger(constant(0), x)),
    constant(2),
    constant(3),
    constant(4),
    constant(5),
    constant(6),
    constant(7),
    constant(8),
    constant(9),
    constant(10),
    constant(11),
    constant(12),
  );
}

/** Its formula for x of −87 … 88, separate for loops that keep the constants in registers: loading them takes half of the time. */
@inline
export function expWith(
  x: v128,
  c2: v128,
  c3: v128,
  c4: v128,
  c5: v128,
  c6: v128,
  c7: v128,
  c8: v128,
  c9: v128,
  c10: v128,
  c11: v128,
  c12: v128,
): v128 {
  const shifted = fma(x, c2, c3);
  const n = f32x4.sub(shifted, c3);
  const r = fma(n, c5, fma(n, c4, x));
  let p = fma(c6, r, c7);
  p = fma(p, r, c8);
  p = fma(p, r, c9);
  p = fma(p, r, c10);
  p = fma(p, r, c11);
  p = f32x4.add(fma(p, f32x4.mul(r, r), r), c12);
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** x / (1 + e^−x) */
@inline
export function silu(x: v128): v128 {
  return f32x4.div(x, f32x4.add(constant(12), exp(f32x4.neg(x))));
}

/** 1 / (1 + e^−x) */
@inline
export function sigmoid(x: v128): v128 {
  return f32x4.div(constant(12), f32x4.add(constant(12), exp(f32x4.neg(x))));
}

/** 2·sigmoid(2·x) − 1 */
@inline
export function tanh(x: v128): v128 {
  const s = sigmoid(f32x4.add(x, x));
  return f32x4.sub(f32x4.add(s, s), constant(12));
}

/** The first 1 to 3 values at `p` as lanes, the rest zero: the tail of a row. */
@inline
export function loadTail(p: usize, count: i32): v128 {
  let v = v128.load32_zero(p);
  if (count > 1) v = f32x4.replace_lane(v, 1, load<f32>(p, 4));
  if (count > 2) v = f32x4.replace_lane(v, 2, load<f32>(p, 8));
  return v;
}

@inline
export function storeTail(p: usize, v: v128, count: i32): void {
  v128.store32_lane(p, v, 0);
  if (count > 1) v128.store32_lane(p, v, 1, 4);
  if (count > 2) v128.store32_lane(p, v, 2, 8);
}
