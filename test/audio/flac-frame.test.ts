/** Numbers of samples in the headers of FLAC frames (RFC 9639, section 9.1.1, table 14). */
import { expect, it } from "vitest";
import { parseFrame } from "../../src/audio/flac-frame.ts";

/** CRC-8 of polynomial x⁸ + x² + x + 1, bit by bit. */
function checksum(header: readonly number[]): number {
  let crc = 0;
  for (const byte of header)
    for (let bit = 7; bit >= 0; bit--) crc = ((crc << 1) & 255) ^ (((crc >> 7) ^ (byte >> bit)) & 1 ? 7 : 0);
  return crc;
}

/** A header of 16 bits and one channel; `size` is behind the number of the frame, 5. */
function samplesOf(code: number, ...size: number[]): number | undefined {
  const header = [0xff, 0xf8, (code << 4) | 5, 8, 5, ...size];
  const frame = Uint8Array.from([...header, checksum(header), 0]);
  return parseFrame(frame, 0, { bits: 16, channels: 1 })?.samples;
}

it.each([
  [1, 192],
  [2, 576],
  [3, 1152],
  [4, 2304],
  [5, 4608],
  [8, 256],
  [9, 512],
  [12, 4096],
  [15, 32_768],
])("code %i is %i samples", (code, samples) => {
  expect(samplesOf(code)).toBe(samples);
});

it("codes 6 and 7 have the number less one behind them; 0 is reserved", () => {
  expect(samplesOf(6, 99)).toBe(100);
  expect(samplesOf(7, 0x12, 0x34)).toBe(0x1235);
  expect(samplesOf(0)).toBeUndefined();
});

it("begin with 15 bits of synchronization and one for the kind of block; a reserved bit is zero", () => {
  const parse = (...header: number[]) =>
    parseFrame(Uint8Array.from([...header, checksum(header), 0]), 0, { bits: 16, channels: 1 });
  expect(parse(0xff, 0xf8, 0x15, 8, 5)).toMatchObject({ samples: 192 });
  expect(parse(0xff, 0xf9, 0x15, 8, 5)).toMatchObject({ samples: 192 });
  for (const second of [0xf0, 0xfa, 0xfb, 0xfc, 0xe8, 0x78])
    expect(parse(0xff, second, 0x15, 8, 5)).toBeUndefined();
  expect(parse(0xfe, 0xf8, 0x15, 8, 5)).toBeUndefined();
  expect(parse(0xff, 0xf8, 0x15, 9, 5)).toBeUndefined();
});
