/** Rounding, clamping and halves, as in k-blocks.ts and f16.ts. */

/** 1.5·2²³: adding it to a float leaves no room for a fraction. */
const SHIFT: f32 = 12582912;

export function nearest(value: f32): f32 {
  return value + SHIFT - SHIFT;
}

/** To the nearest whole numbers from `low` to `high`; NaN stays NaN. */
export function levels(values: v128, low: v128, high: v128): v128 {
  const shift = f32x4.splat(SHIFT);
  const whole = f32x4.sub(f32x4.add(values, shift), shift);
  return f32x4.pmin(f32x4.pmax(whole, low), high);
}

/** `a` in the lanes of `mask`, `b` in the others. */
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/** Rounds to nearest even; subnormals are kept, 65520 and above become infinite. */
export function floatToHalf(value: f32): i32 {
  const bits = reinterpret<u32>(value);
  const sign = (bits >> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | (reinterpret<u32>(abs<f32>(value) + 0.5) - 0x3f000000);
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13);
}

export function halfToFloat(half: i32): f32 {
  const sign = (half & 0x8000) << 16;
  const magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) return reinterpret<f32>(sign | 0x7f800000 | ((magnitude & 0x3ff) << 13));
  // The exponent is too large by 112; a multiplication corrects that, for subnormals too.
  const scaled = reinterpret<f32>(magnitude << 13) * reinterpret<f32>(0x77800000);
  return reinterpret<f32>(reinterpret<i32>(scaled) | sign);
}
