/** Malicious and damaged WAV files: each gives its error code. */
import { describe, expect, it } from "vitest";
import {
  bytes,
  chunk,
  extension,
  float32,
  float64,
  fmt,
  int16,
  join,
  text,
  u32,
  wav,
  ds64,
} from "../../helpers/builders/wav.ts";
import { AudioError } from "../../../src/errors.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { loadAudio } from "../../../src/audio/container.ts";

const four = int16(1, -2, 3, -4);
const read = (file: Uint8Array, strict = false) => loadAudio(file, { ffmpeg: false, strict });

const refused: readonly (readonly [what: string, file: Uint8Array, code: ErrorCode])[] = [
  ["empty file", bytes(), "audio_empty"],
  ["one byte", bytes(0x52), "not_audio"],
  ["zeros", new Uint8Array(64), "not_audio"],
  ["text", text("hello, this is not audio at all, is it?"), "not_audio"],
  ["RIFF and nothing else", text("RIFF"), "audio_malformed"],
  ["RIFF header cut in its form", text("RIFF\x04\0\0\0WAV"), "audio_malformed"],
  ["RIFF header only", join(text("RIFF"), u32(4), text("WAVE")), "audio_malformed"],
  ["a WebP picture", wav(four, { form: "WEBP" }), "unsupported_encoding"],
  ["an AVI film", wav(four, { form: "AVI " }), "unsupported_encoding"],
  ["big-endian RIFX", wav(four, { container: "RIFX" }), "unsupported_encoding"],
  ["no data chunk", join(text("RIFF"), u32(28), text("WAVE"), fmt({})), "audio_malformed"],
  ["no fmt chunk", join(text("RIFF"), u32(20), text("WAVE"), chunk("data", four)), "audio_malformed"],
  [
    "data of unknown length before fmt",
    wav(four, { dataFirst: true, dataLength: 0xffffffff }),
    "audio_malformed",
  ],
  ["data that swallows fmt", wav(four, { dataFirst: true, dataLength: 1000 }), "audio_malformed"],
  ["two fmt chunks", wav(four, { between: fmt({ rate: 8000 }) }), "audio_malformed"],
  [
    "two data chunks before fmt",
    wav(four, { dataFirst: true, before: chunk("data", four) }),
    "audio_malformed",
  ],
  [
    "fmt of 15 bytes",
    join(text("RIFF"), u32(40), text("WAVE"), chunk("fmt ", new Uint8Array(15)), chunk("data", four)),
    "audio_malformed",
  ],
  [
    "fmt of 2 GB",
    join(text("RIFF"), u32(40), text("WAVEfmt "), u32(0x7fffffff), new Uint8Array(40)),
    "audio_malformed",
  ],
  ["fmt cut by the end", wav(four).slice(0, 30), "audio_malformed"],
  [
    "a chunk that runs past the end",
    join(text("RIFF"), u32(40), text("WAVELIST"), u32(0xfffffff0), fmt({})),
    "audio_malformed",
  ],
  [
    "1,100 chunks",
    wav(four, { between: join(...Array.from({ length: 1100 }, () => chunk("junk", bytes()))) }),
    "audio_malformed",
  ],
  ["0 channels", wav(four, { channels: 0, block: 2 }), "audio_malformed"],
  ["65 channels", wav(new Uint8Array(130), { channels: 65 }), "audio_malformed"],
  ["65,535 channels", wav(four, { channels: 65535, block: 2 }), "audio_malformed"],
  ["1 Hz", wav(four, { rate: 1 }), "audio_rate"],
  ["0 Hz", wav(four, { rate: 0 }), "audio_rate"],
  ["3,999 Hz", wav(four, { rate: 3999 }), "audio_rate"],
  ["384,001 Hz", wav(four, { rate: 384_001 }), "audio_rate"],
  ["2³²−1 Hz", wav(four, { rate: 0xffffffff }), "audio_rate"],
  ["0 bits", wav(four, { bits: 0, block: 2 }), "unsupported_encoding"],
  ["7 bits", wav(four, { bits: 7 }), "unsupported_encoding"],
  ["33 bits", wav(new Uint8Array(10), { bits: 33 }), "unsupported_encoding"],
  ["64-bit integers", wav(new Uint8Array(16), { bits: 64 }), "unsupported_encoding"],
  ["65,535 bits", wav(four, { bits: 65535, block: 2 }), "unsupported_encoding"],
  ["16-bit float", wav(four, { tag: 3 }), "unsupported_encoding"],
  ["24-bit float", wav(new Uint8Array(6), { tag: 3, bits: 24 }), "unsupported_encoding"],
  ["16-bit A-law", wav(four, { tag: 6 }), "unsupported_encoding"],
  ["MP3 in WAV", wav(four, { tag: 0x55, bits: 0, block: 1 }), "unsupported_encoding"],
  ["IMA ADPCM", wav(four, { tag: 0x11, bits: 4, block: 256 }), "unsupported_encoding"],
  ["Microsoft ADPCM", wav(four, { tag: 2, bits: 4, block: 256 }), "unsupported_encoding"],
  ["format tag 0", wav(four, { tag: 0 }), "unsupported_encoding"],
  ["an unknown tag", wav(four, { tag: 0x7777 }), "unsupported_encoding"],
  ["extensible of 16 bytes", wav(four, { tag: 0xfffe }), "audio_malformed"],
  [
    "extensible of an unknown family",
    wav(four, { tag: 0xfffe, fmtTail: extension(1, 16, "ff".repeat(14)) }),
    "unsupported_encoding",
  ],
  ["extensible MP3", wav(four, { tag: 0xfffe, fmtTail: extension(0x55, 16) }), "unsupported_encoding"],
  [
    "extensible inside extensible",
    wav(four, { tag: 0xfffe, fmtTail: extension(0xfffe, 16) }),
    "unsupported_encoding",
  ],
  ["frames of 0 bytes", wav(four, { block: 0 }), "audio_malformed"],
  ["frames of 3 bytes for 16 bits", wav(four, { block: 3 }), "audio_malformed"],
  ["24 bits in frames of 4 bytes", wav(new Uint8Array(8), { bits: 24, block: 4 }), "audio_malformed"],
  ["no samples", wav(bytes()), "audio_empty"],
  ["less than one frame", wav(bytes(1)), "audio_empty"],
  ["no samples, then another chunk", wav(bytes(), { after: chunk("LIST", four) }), "audio_empty"],
  ["RF64 without ds64", wav(four, { container: "RF64", dataLength: 0xffffffff }), "audio_malformed"],
  [
    "RF64 with a ds64 of 8 bytes",
    wav(four, { container: "RF64", before: chunk("ds64", new Uint8Array(8)), dataLength: 0xffffffff }),
    "audio_malformed",
  ],
  [
    "RF64 that claims 2⁶⁴−1 bytes",
    wav(four, { container: "RF64", before: ds64(2n ** 64n - 1n), dataLength: 0xffffffff }),
    "audio_malformed",
  ],
  ["NaN", wav(float32(0.5, NaN), { tag: 3, bits: 32 }), "non_finite"],
  ["infinity", wav(float64(0.5, -Infinity), { tag: 3, bits: 64 }), "non_finite"],
  ["a double beyond float32", wav(float64(1e300), { tag: 3, bits: 64 }), "non_finite"],
];

describe("WAV files that are refused", () => {
  it.each(refused)("%s", async (_, file, code) => {
    const before = performance.now();
    const error = await read(file).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AudioError);
    expect((error as AudioError).code).toBe(code);
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it("are more than forty-five", () => expect(refused.length).toBeGreaterThanOrEqual(45));
});
