/** Headers of frames without a container, field by field. */
import { describe, expect, it } from "vitest";
import { parseFrame } from "../../src/audio/audio-frames.ts";
import { bytes } from "../helpers/builders/wav.ts";

/** ADTS (ISO/IEC 13818-7, 6.2) without a checksum: AAC LC, 16 kHz (index 8), mono, one block of 1024 samples. */
const adts = (length: number): Uint8Array =>
  bytes(
    0xff,
    0xf1,
    (1 << 6) | (8 << 2),
    (1 << 6) | (length >> 11),
    (length >> 3) & 255,
    (length & 7) << 5,
    0,
  );

describe("a frame of AAC", () => {
  it.each([7, 8, 371, 8191])("of %i bytes, its header with them", (length) => {
    expect(parseFrame(adts(length), 0)).toMatchObject({
      codec: "AAC",
      bytes: length,
      samples: 1024,
      rate: 16_000,
    });
  });

  it("is none of fewer bytes than its header has, or of a header that is cut", () => {
    expect(parseFrame(adts(6), 0)).toBeUndefined();
    expect(parseFrame(adts(371).subarray(0, 6), 0)).toBeUndefined();
  });
});

describe("a frame's bytes follow from the bit rate", () => {
  /** ISO/IEC 11172-3 and 13818-3, 2.4.2.3, without the free format; ETSI TS 102 366, table 4.13; all at 48 or 24 kHz. */
  const rates = {
    "MPEG-1, layer I": [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    "MPEG-1, layer II": [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    "MPEG-2, layer I": [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    "MPEG-2, layer II": [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  } as const;
  it.each([
    ["MPEG-1, layer I", 0xff, 384 / 48_000],
    ["MPEG-1, layer II", 0xfd, 1152 / 48_000],
    ["MPEG-2, layer I", 0xf7, 384 / 24_000],
    ["MPEG-2, layer II", 0xf5, 1152 / 24_000],
  ] as const)("of %s", (name, kind, seconds) => {
    const sizes = Array.from({ length: 14 }, (_, i) =>
      parseFrame(bytes(0xff, kind, ((i + 1) << 4) | (1 << 2), 0xc0, 0, 0, 0), 0),
    );
    expect(sizes.map((frame) => frame?.bytes)).toEqual(
      rates[name].map((kilo) => Math.round(kilo * 125 * seconds)),
    );
    for (const free of [0, 15])
      expect(parseFrame(bytes(0xff, kind, (free << 4) | (1 << 2), 0xc0, 0, 0, 0), 0)).toBeUndefined();
  });
});

describe("frames of Dolby AC-3", () => {
  const parse = (rate: number, size: number) =>
    parseFrame(bytes(0x0b, 0x77, 0, 0, (rate << 6) | size, 8 << 3, 0), 0);

  it.each([
    [0, 48_000, 28, 384],
    [1, 44_100, 28, 384],
    [2, 32_000, 28, 384],
    [0, 48_000, 37, 640],
  ])("of rate code %i, %i Hz, and size code %i have the bytes of %i kbit/s", (code, rate, size, kilo) => {
    const frame = parse(code, size)!;
    expect(frame).toMatchObject({ codec: "Dolby AC-3", samples: 1536, rate });
    const exact = (kilo * 125 * 1536) / rate;
    expect(Math.abs(frame.bytes - exact)).toBeLessThan(2);
    expect(frame.bytes % 2).toBe(0);
  });

  it("have no reserved rate or size", () => {
    expect(parse(3, 28)).toBeUndefined();
    for (let size = 38; size < 64; size++) expect(parse(0, size)).toBeUndefined();
  });
});
