/**
 * Reading audio gives other work of the thread its turns: timers and aborts of a program that reads hostile files are not
 * late. The clock of these tests runs fast, so that a turn is taken wherever one is offered: what is between two turns is
 * counted in bytes and samples, which do not depend on the machine.
 */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadAudio, streamAudio } from "../../src/audio/container.ts";
import type { AudioInput } from "../../src/audio/container.ts";
import { gathered } from "../../src/audio/decoder.ts";
import { platform } from "../../src/platform/current.ts";
import { int16, join, text, wav } from "../helpers/builders/wav.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

let now = performance.now(); // never goes back
let turns = 0;
beforeEach(() => {
  vi.spyOn(performance, "now").mockImplementation(() => (now += 1000));
  const { yieldNow } = platform();
  vi.spyOn(platform(), "yieldNow").mockImplementation(async () => {
    turns++;
    await yieldNow();
  });
  turns = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
});

const compressed = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(fixture(`../test/audio/compressed/${name}`)));
const clip = wav(int16(1, 2, 3));
const megabytes = (byte: number): Uint8Array => new Uint8Array(2 ** 21).fill(byte);

/** 27 bytes each, all of the same stream and with a wrong checksum. */
function badPages(): Uint8Array {
  const page = compressed("mono.ogg").slice(0, 27);
  page[5] = 0;
  page[26] = 0;
  return join(...Array.from({ length: 20_000 }, () => page));
}

/** Frames of silence at 8 kbit/s and 8 kHz: 576 samples in 72 bytes. */
function slowMp3(frames: number): Uint8Array {
  const frame = join(Uint8Array.of(0xff, 0xe3, 0x18, 0xc4), new Uint8Array(68));
  return join(...Array.from({ length: frames }, () => frame));
}

/** Bytes that may be read without a turn. */
const MOST_BYTES = 2 ** 18;
/** Samples that may be decoded without a turn: those of the longest frame of FLAC. */
const MOST_SAMPLES = 2 ** 19;

describe("bytes", () => {
  it.each<[string, Uint8Array]>([
    ["zeros behind MP3", join(compressed("mono.mp3"), megabytes(0))],
    ["sync bytes behind MP3", join(compressed("mono.mp3"), megabytes(0xff))],
    ["letters of tags behind MP3", join(compressed("mono.mp3"), megabytes(0x54))],
    ["zeros behind FLAC", join(compressed("mono-16.flac"), megabytes(0))],
    ["letters behind FLAC", join(compressed("mono-16.flac"), megabytes(0x78))],
    ["zeros behind Ogg", join(compressed("mono.ogg"), megabytes(0))],
    ["damaged pages behind Ogg", join(compressed("mono.ogg"), badPages())],
    ["zeros behind Opus", join(compressed("mono.opus"), megabytes(0))],
    ["zeros behind WebM", join(compressed("opus.webm"), megabytes(0))],
    ["zeros behind MP4", join(compressed("opus.m4a"), megabytes(0))],
    ["letters behind WAV", join(clip, megabytes(0x78))],
    [
      "a chunk before the samples",
      wav(int16(1), { between: join(text("LIST"), Uint8Array.of(0, 0, 32, 0), megabytes(0)) }),
    ],
    ["zeros before FLAC", join(megabytes(0), compressed("mono-16.flac"))],
  ])("%s", async (_, file) => {
    const audio = await loadAudio(file, { ffmpeg: false });
    expect(audio.samples.length).toBeGreaterThan(0);
    expect(turns).toBeGreaterThan(file.length / MOST_BYTES);
  });
});

describe("samples", () => {
  it.each<[string, AudioInput]>([
    ["an array", new Float32Array(2 ** 22)],
    ["an array at another rate", { samples: new Int16Array(2 ** 22), sampleRate: 44_100 }],
    ["an array at the most demanding rate", { samples: new Int16Array(2 ** 21), sampleRate: 383_999 }],
    ["a stream of long arrays", { samples: once(new Float32Array(2 ** 22)), sampleRate: 16_000 }],
    ["WAV", wav(new Uint8Array(2 ** 23))],
    ["WAV of 64 channels", wav(new Uint8Array(2 ** 23), { channels: 64 })],
    ["WAV of 24 bits", wav(new Uint8Array(3 * 2 ** 21), { bits: 24, channels: 8 })],
    ["MP3 with the most samples in a byte", slowMp3(8000)],
  ])("%s", async (_, input) => {
    let longest = 0;
    let total = 0;
    for await (const piece of streamAudio(input, { ffmpeg: false })) {
      longest = Math.max(longest, piece.length);
      total += piece.length;
    }
    expect(total).toBeGreaterThan(60_000);
    expect(longest).toBeLessThanOrEqual(MOST_SAMPLES);
    expect(turns).toBeGreaterThan(total / MOST_SAMPLES);
  });
});

async function* once(array: Float32Array): AsyncGenerator<Float32Array> {
  yield array;
}

it("arrays are joined in turns", async () => {
  const parts = Array.from({ length: 100 }, () => new Float32Array(1000));
  expect(await gathered(parts)).toHaveLength(100_000);
  expect(turns).toBeGreaterThanOrEqual(99);
});
