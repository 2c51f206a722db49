/** The identification header of Opus (RFC 7845, section 5.1), by its length and its magic. */
import { describe, expect, it } from "vitest";
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

describe("of a kind that is not decoded", () => {
  /** The header with another version, channels, and a mapping family with its table. */
  const other = (version: number, channels: number, family: number, ...table: number[]): Uint8Array =>
    join(head.with(8, version).with(9, channels).with(18, family), bytes(...table));
  const mono = (channels: number): number[] => [
    channels,
    0,
    ...Array.from({ length: channels }, (_, i) => i),
  ];

  it("is refused by version, family and channels, which are read up to 15, 1 and 8", () => {
    expect(parseOpusHead("a.opus", other(15, 2, 0))).toMatchObject({ channels: 2 });
    expect(parseOpusHead("a.opus", other(1, 8, 1, ...mono(8)))).toMatchObject({
      channels: 8,
      streams: 8,
      mapping: [0, 1, 2, 3, 4, 5, 6, 7],
    });
    for (const input of [other(16, 2, 0), other(1, 2, 2, ...mono(2)), other(1, 9, 1, ...mono(9))])
      expect(() => parseOpusHead("a.opus", input)).toThrow(
        expect.objectContaining({ code: "unsupported_encoding" }),
      );
    expect(() => parseOpusHead("a.opus", other(16, 9, 2))).toThrow(
      "Opus version 16 with 9 channels of mapping family 2",
    );
  });

  it.each([
    ["no channels", other(1, 0, 0)],
    ["three channels without a table", other(1, 3, 0)],
    ["a table that is cut", other(1, 3, 1, 3, 0, 0, 1)],
    ["a table of no streams", other(1, 1, 1, 0, 0, 255)],
    ["a table of more coupled streams than streams", other(1, 2, 1, 1, 2, 0, 1)],
    ["a table of a channel that is not decoded", other(1, 2, 1, 1, 1, 0, 2)],
  ])("has %s", (_, input) => {
    expect(() => parseOpusHead("a.opus", input)).toThrow(
      expect.objectContaining({ code: "audio_malformed" }),
    );
  });
});
