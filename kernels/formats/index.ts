/** Decoding by format; F32, F16 and Q8_0 so far. */
import type { Format } from "./table.ts";
export function unpackRow(
  format: Format,
  bytes: Uint8Array,
  offset: number,
  target: Float32Array,
  count: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  const half = (h: number): number => {
    const s = h >> 15 ? -1 : 1,
      e = (h >> 10) & 31,
      m = h & 1023;
    return e === 0
      ? s * m * 2 ** -24
      : e === 31
        ? m
          ? NaN
          : s * Infinity
        : s * (1 + m / 1024) * 2 ** (e - 15);
  };
  for (let i = 0; i < count; i++) {
    if (format === "F32") target[i] = view.getFloat32(4 * i, true);
    else if (format === "F16") target[i] = half(view.getUint16(2 * i, true));
    else if (format === "Q8_0") {
      const b = Math.floor(i / 32) * 34;
      target[i] = half(view.getUint16(b, true)) * view.getInt8(b + 2 + (i % 32));
    }
  }
}
