/** Compressed audio files that are cut, forged, damaged or bombs. */
import { readFileSync } from "node:fs";
import type { AudioOptions } from "../../../src/audio/container.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { fixture } from "../environment/fixtures.ts";
import { bytes, join, text, u32 } from "./wav.ts";

/** A file of test/audio/compressed. */
export const compressed = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(fixture(`../test/audio/compressed/${name}`)));
const flac = compressed("mono-16.flac");
const mp3 = compressed("mono.mp3");
const ogg = compressed("mono.ogg");
const opus = compressed("mono.opus");
const m4a = compressed("opus.m4a");

/** A copy with some bytes replaced. */
function patched(from: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = from.slice();
  copy.set(values, at);
  return copy;
}

/** STREAMINFO's 20 bits of rate, 3 of channels, 5 of bits and 36 of samples. */
function streamInfo(rate: number, channels: number, bits: number, samples: number): Uint8Array {
  const packed =
    (BigInt(rate) << 44n) | (BigInt(channels - 1) << 41n) | (BigInt(bits - 1) << 36n) | BigInt(samples);
  const field = new DataView(new ArrayBuffer(8));
  field.setBigUint64(0, packed);
  return patched(flac, 18, ...new Uint8Array(field.buffer));
}

/** 65,535 zeros in fifteen bytes, over and over: eight channels of constant subframes. */
function flacBomb(megabytes: number): Uint8Array {
  const crc = (data: number[], width: 8 | 16, polynomial: number): number =>
    data.reduce((sum, byte) => {
      let value = sum ^ (byte << (width - 8));
      for (let bit = 0; bit < 8; bit++)
        value = value & (1 << (width - 1)) ? (value << 1) ^ polynomial : value << 1;
      return value & (2 ** width - 1);
    }, 0);
  const frame = (number: number): number[] => {
    const name = number < 128 ? [number] : [0xc0 | (number >> 6), 0x80 | (number & 63)];
    const head = [0xff, 0xf8, 0x75, 0x78, ...name, 0xff, 0xfe];
    const body = [...head, crc(head, 8, 0x07), ...Array.from({ length: 8 }, () => [0, 0, 0]).flat()];
    const check = crc(body, 16, 0x8005);
    return [...body, check >> 8, check & 255];
  };
  const info = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0x03, 0xe8, 0x0e, 0xf0, 0, 0, 0, 0];
  const frames: number[] = [];
  for (let i = 0; frames.length < megabytes * 2 ** 20; i++) frames.push(...frame(i % 2048));
  return join(
    text("fLaC"),
    bytes(0x80, 0, 0, 34, ...info, ...Array<number>(16).fill(0)),
    Uint8Array.from(frames),
  );
}

/** The M4A with `values` in one of its boxes, from `at` bytes behind the version on. */
function inBox(name: string, at: number, ...values: number[]): Uint8Array {
  return patched(m4a, Buffer.from(m4a).indexOf(name) + 4 + at, ...values);
}

/** Files that are refused with a code. */
export const refusedAudio: readonly (readonly [
  what: string,
  input: Uint8Array,
  code: ErrorCode,
  options?: AudioOptions,
])[] = [
  ["FLAC magic alone", text("fLaC"), "audio_malformed"],
  ["FLAC without STREAMINFO", patched(flac, 4, 4), "audio_malformed"],
  ["FLAC cut in STREAMINFO", flac.slice(0, 40), "audio_malformed"],
  ["FLAC of metadata only", flac.slice(0, 42), "audio_empty"],
  ["FLAC at 0 Hz", streamInfo(0, 1, 16, 6000), "audio_rate"],
  ["FLAC at 655,350 Hz", streamInfo(655_350, 1, 16, 6000), "audio_rate"],
  ["FLAC of 32 bits", streamInfo(16_000, 1, 32, 6000), "unsupported_encoding"],
  ["FLAC followed by zeros", join(text("fLaC"), new Uint8Array(5000)), "audio_rate"],
  ["a FLAC bomb: 2 GB in 64 kB", flacBomb(0.0625), "audio_too_long", { maxSeconds: 600 }],
  ["a FLAC bomb, by bytes", flacBomb(0.0625), "audio_too_long", { maxDecodedBytes: 2 ** 28 }],
  [
    "an MP3 header and random bytes",
    join(
      mp3.slice(0, 4),
      Uint8Array.from({ length: 3000 }, (_, i) => (i * 89) % 251),
    ),
    "audio_malformed",
  ],
  ["one MP3 frame, cut", mp3.slice(0, 40), "audio_malformed"],
  ["a lone sync", bytes(0xff, 0xfb, 0x90, 0x00), "audio_malformed"],
  ["a free-format MP3", join(bytes(0xff, 0xfb, 0x00, 0x00), new Uint8Array(4000)), "audio_malformed"],
  ["MPEG layer II", join(bytes(0xff, 0xfd, 0x90, 0x00), new Uint8Array(400)), "unsupported_encoding"],
  ["AAC", join(bytes(0xff, 0xf1, 0x50, 0x80), new Uint8Array(400)), "unsupported_encoding"],
  ["an ID3 tag and nothing", join(text("ID3\x04\0\0\0\0\0\0")), "not_audio"],
  [
    "an ID3 tag of 256 MB in 20 bytes",
    join(text("ID3\x04\0\0\x7f\x7f\x7f\x7f"), new Uint8Array(10)),
    "not_audio",
  ],
  ["Ogg of an unknown codec", join(text("OggS"), new Uint8Array(60)), "unsupported_encoding"],
  ["Ogg Vorbis cut in its first page", ogg.slice(0, 50), "audio_malformed"],
  ["Ogg Vorbis cut by a byte in its first page", ogg.slice(0, 57), "audio_malformed"],
  ["Ogg Vorbis of its first page", ogg.slice(0, 58), "audio_empty"],
  ["Ogg Vorbis at 1 Hz", patched(ogg, 40, 1, 0, 0, 0), "audio_rate"],
  ["Ogg Vorbis of 0 channels", patched(ogg, 39, 0), "audio_malformed"],
  ["Ogg Vorbis of 255 channels", patched(ogg, 39, 255), "audio_malformed"],
  ["Ogg Vorbis of 9 channels", patched(ogg, 39, 9), "unsupported_encoding"],
  ["Ogg Vorbis of version 7", patched(ogg, 35, 7), "unsupported_encoding"],
  ["Ogg Vorbis whose first page fails its checksum", patched(ogg, 22, 0, 0, 0, 0), "audio_empty"],
  ["Opus of another version", patched(opus, 36, 0x10), "unsupported_encoding"],
  ["Opus of 0 channels", patched(opus, 37, 0), "audio_malformed"],
  ["Opus of 9 channels", patched(opus, 37, 9), "unsupported_encoding"],
  ["Opus of 3 channels without a table", patched(opus, 37, 3), "audio_malformed"],
  ["Opus with a table that is cut", patched(opus, 46, 1).slice(0, 48), "audio_malformed"],
  ["Opus cut in its first page", opus.slice(0, 40), "audio_malformed"],
  ["Opus of its headers", opus.slice(0, 200), "audio_empty"],
  ["Ogg Speex", patched(opus, 28, ...text("Speex   ")), "unsupported_encoding"],
  ["M4A", join(u32(0x20000000), text("ftypM4A "), new Uint8Array(40)), "unsupported_encoding"],
  ["MP4 whose chunk has four billion samples", inBox("stsc", 12, 0xff, 0xff, 0xff, 0xff), "audio_malformed"],
  ["MP4 whose time is of four billion samples", inBox("stts", 8, 0xff, 0xff, 0xff, 0xff), "audio_malformed"],
  ["WebM", join(text("\x1aE\xdf\xa3"), new Uint8Array(40)), "unsupported_encoding"],
  ["a playlist", text("#EXTM3U\nfile:///etc/passwd\n"), "not_audio"],
];

/** Files that lack something: read with a warning, refused in strict mode. */
export const shortAudio: readonly (readonly [what: string, input: Uint8Array])[] = [
  ["FLAC cut in half", flac.slice(0, flac.length >> 1)],
  ["FLAC that promises more", streamInfo(16_000, 1, 16, 7000)],
  ["FLAC with a damaged frame", patched(flac, flac.length >> 1, ...Array<number>(600).fill(0x55))],
  ["MP3 cut in half", mp3.slice(0, mp3.length >> 1)],
  ["MP3 cut by a byte", mp3.slice(0, -1)],
  ["Ogg Vorbis cut by a byte", ogg.slice(0, -1)],
  ["Opus cut by a byte", opus.slice(0, -1)],
  ["Opus with a damaged page", patched(opus, opus.length - 400, 1, 2, 3, 4)],
  ["Ogg Vorbis with a damaged page", patched(ogg, ogg.length - 400, 1, 2, 3, 4)],
];
