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
