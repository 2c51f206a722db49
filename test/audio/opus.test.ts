/** The identification header of Opus (RFC 7845, section 5.1), by its length and its magic. */
import { expect, it } from "vitest";
import { parseOpusHead } from "../../src/audio/opus.ts";
import { bytes, join, text } from "../helpers/builders/wav.ts";

/** Version 1, two channels, 312 samples before the recording, 48 kHz, a gain of 6 dB, mapping family 0. */
const head = join(text("OpusHead"), bytes(1, 2, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 6, 0));

it("of 19 bytes is read", () => {
  expect(head.length).toBe(19);
  expect(parseOpusHead("a.opus", head)).toEqual({
    channels: 2,
    preSkip: 312,
    gain: expect.closeTo(10 ** (6 / 20), 12),
    streams: 1,
    coupled: 1,
    mapping: [0, 1],
  });
});

it.each([
  ["no bytes", new Uint8Array(0)],
  ["18 bytes", head.slice(0, 18)],
  ["another magic", join(text("OpusTags"), head.slice(8))],
])("of %s is refused", (_, input) => {
  expect(() => parseOpusHead("a.opus", input)).toThrow(
    expect.objectContaining({
      code: "audio_malformed",
      message: expect.stringContaining("no OpusHead of 19 bytes"),
    }),
  );
});
