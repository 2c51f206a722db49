/**
 * F16: IEEE half. Encoding rounds to nearest even, keeps subnormals, and overflows to infinity from 65520 on.
 * Block formats store their scales this way, so the scalar conversions are exported.
 */
import type { Codec } from "./codec.ts";

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The value of each of the 65,536 halves. */
const halves = Float32Array.from({ length: 0x10000 }, (_, half) => decode(half));

function decode(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

export function halfToFloat(half: number): number {
  return halves[half] as number;
}

export function floatToHalf(value: number): number {
  float[0] = value;
  const u = bits[0] as number;
  const sign = (u >>> 16) & 0x8000;
  const magnitude = u & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above
  if (magnitude < 0x38800000) {
    // A subnormal half counts in units of 2⁻²⁴, which is the last place of a float between 0.5 and 1.
    float[0] = Math.abs(value) + 0.5;
    return sign | ((bits[0] as number) - 0x3f000000);
  }
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13);
}

export function readHalf(bytes: Uint8Array, offset: number): number {
  return halves[(bytes[offset] as number) | ((bytes[offset + 1] as number) << 8)] as number;
}

/** Writes `value` as a half and returns what was stored. */
export function writeHalf(bytes: Uint8Array, offset: number, value: number): number {
  const half = floatToHalf(value);
  bytes[offset] = half;
  bytes[offset + 1] = half >> 8;
  return halfToFloat(half);
}

export const f16: Codec = {
  unpack(bytes, offset, target, count) {
    for (let i = 0; i < count; i++) target[i] = readHalf(bytes, offset + 2 * i);
  },
  pack(values, bytes, offset, count) {
    for (let i = 0; i < count; i++) {
      const half = floatToHalf(values[i] as number);
      bytes[offset + 2 * i] = half;
      bytes[offset + 2 * i + 1] = half >> 8;
    }
  },
};
