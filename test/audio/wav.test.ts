import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import { uniform } from "../helpers/environment/random.ts";
import { shared } from "../helpers/environment/shared.ts";
import { tinySamples, tinyWav } from "../helpers/builders/speech.ts";
import {
  bytes,
  chunk,
  extension,
  float32,
  float64,
  int16,
  join,
  text,
  u32,
  u64,
  wav,
} from "../helpers/builders/wav.ts";
import { openAudio, loadAudio, streamAudio } from "../../src/audio/container.ts";
import { PIECE_FRAMES } from "../../src/audio/limits.ts";

/** How each encoding writes one number, and the numbers that it can hold. */
const codecs = {
  "8-bit": {
    bits: 8,
    tag: 1,
    values: fc.integer({ min: -128, max: 127 }),
    scale: 128,
    write: (v: number) => bytes(v + 128),
  },
  "16-bit": {
    bits: 16,
    tag: 1,
    values: fc.integer({ min: -32768, max: 32767 }),
    scale: 2 ** 15,
    write: (v: number) => int16(v),
  },
  "24-bit": {
    bits: 24,
    tag: 1,
    values: fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }),
    scale: 2 ** 23,
    write: (v: number) => u32(v).slice(0, 3),
  },
  "32-bit": {
    bits: 32,
    tag: 1,
    values: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    scale: 2 ** 31,
    write: (v: number) => u32(v),
  },
  float: {
    bits: 32,
    tag: 3,
    values: fc.float({ noNaN: true, noDefaultInfinity: true }),
    scale: 1,
    write: (v: number) => float32(v),
  },
  double: {
    bits: 64,
    tag: 3,
    values: fc.double({ min: -2, max: 2, noNaN: true }),
    scale: 1,
    write: (v: number) => float64(v),
  },
} as const;

/** ITU-T G.711, by its definition: a segment of three bits and a step of four. */
function aLaw(code: number): number {
  const c = code ^ 0x55;
  const segment = (c >> 4) & 7;
  const step = ((c & 15) << 4) + 8;
  const size = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (c & 0x80) === 0 ? -size : size;
}
function muLaw(code: number): number {
  const c = ~code & 0xff;
  const size = ((((c & 15) << 3) + 0x84) << ((c >> 4) & 7)) - 0x84;
  return (c & 0x80) === 0 ? size : 0 - size;
}
const allCodes = Uint8Array.from({ length: 256 }, (_, code) => code);

describe("what was written is read back", () => {
  it.each(Object.entries(codecs))("%s", async (_, { bits, tag, values, scale, write }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(values as fc.Arbitrary<number>, { minLength: 1, maxLength: 40 }),
        async (numbers) => {
          const file = wav(join(...numbers.map(write)), { bits, tag });
          const { samples, duration, warnings } = await loadAudio(file);
          expect(samples).toEqual(Float32Array.from(numbers, (v) => v / scale));
          expect([duration, warnings]).toEqual([numbers.length / 16000, []]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("A-law and mu-law, every code", async () => {
    const a = await loadAudio(wav(allCodes, { tag: 6, bits: 8 }));
    expect(a.samples).toEqual(Float32Array.from(allCodes, (code) => aLaw(code) / 32768));
    const mu = await loadAudio(wav(allCodes, { tag: 7, bits: 8 }));
    expect(mu.samples).toEqual(Float32Array.from(allCodes, (code) => muLaw(code) / 32768));
    const extensible = await loadAudio(wav(allCodes, { tag: 0xfffe, bits: 8, fmtTail: extension(6, 8) }));
    expect(extensible.samples).toEqual(a.samples);
  });

  it("several channels, as their mean", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        async (channels, frames, seed) => {
          const random = uniform(seed);
          const numbers = Array.from(
            { length: channels * frames },
            () => Math.floor(random() * 65536) - 32768,
          );
          const { samples, channels: found } = await loadAudio(wav(int16(...numbers), { channels }));
          const mean = (i: number): number =>
            numbers.slice(i * channels, (i + 1) * channels).reduce((sum, v) => sum + v / 32768, 0) / channels;
          expect(samples).toEqual(Float32Array.from({ length: frames }, (_, i) => mean(i)));
          expect(found).toBe(channels);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("inputs", () => {
  const path = resolve(import.meta.dirname, tinyWav);
  it("path, URL, bytes and samples are the same audio", async () => {
    const wanted = tinySamples();
    const file = readFileSync(path);
    const integers = Int16Array.from(wanted, (v) => v * 32768);
    for (const input of [
      path,
      pathToFileURL(path),
      file,
      new Uint8Array(file).buffer,
      wanted,
      integers,
      { samples: integers, sampleRate: 16000 },
    ]) {
      const audio = await loadAudio(input);
      expect(audio.samples).toEqual(wanted);
      expect(audio).toMatchObject({
        sampleRate: 16000,
        sourceRate: 16000,
        channels: 1,
        duration: wanted.length / 16000,
        truncated: false,
        warnings: [],
      });
    }
  });

  it.each([
    ["a missing file", "/no/such/file.wav", "file_not_found"],
    ["a folder", import.meta.dirname, "file_unreadable"],
    ["a device", "/dev/null", "file_unreadable"],
    ["an empty path", "", "bad_option"],
    ["a web address", new URL("https://example.com/a.wav"), "bad_option"],
    ["no samples", new Float32Array(0), "audio_empty"],
    ["NaN", Float32Array.of(0, NaN), "non_finite"],
    ["a rate of 1 Hz", { samples: new Float32Array(4), sampleRate: 1 }, "audio_rate"],
    [
      "a rate that is not a whole number",
      { samples: new Float32Array(4), sampleRate: 16000.5 },
      "audio_rate",
    ],
    ["samples of another type", { samples: [1, 2], sampleRate: 16000 } as never, "bad_option"],
    ["nothing", undefined as never, "bad_option"],
  ])("refuses %s", async (_, input, code) => {
    await expect(loadAudio(input)).rejects.toMatchObject({ code });
  });

  it("stops at the caller's limits, and for the caller's signal", async () => {
    const second = wav(new Uint8Array(32_000));
    await expect(loadAudio(second, { maxSeconds: 0.5 })).rejects.toMatchObject({ code: "audio_too_long" });
    await expect(loadAudio(second, { maxDecodedBytes: 63_999 })).rejects.toMatchObject({
      code: "audio_too_long",
    });
    await expect(loadAudio(second, { maxSeconds: 1, maxDecodedBytes: 64_000 })).resolves.toBeDefined();
    await expect(loadAudio(second, { maxSeconds: NaN })).rejects.toMatchObject({ code: "bad_option" });
    await expect(loadAudio(second, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

describe("long files", () => {
  const frames = 2 * PIECE_FRAMES + 777;
  const random = uniform(3);
  const data = Uint8Array.from({ length: 6 * frames }, () => Math.floor(random() * 256)); // 24-bit stereo
  const file = wav(data, { bits: 24, channels: 2, rate: 44_100 });

  it("are read by range", async () => {
    await using audio = await openAudio(file);
    expect(audio).toMatchObject({ sampleRate: 44_100, channels: 2, frames });
    const whole = await audio.read(0, frames);
    expect(await audio.read(PIECE_FRAMES - 3, 10)).toEqual(whole.slice(PIECE_FRAMES - 3, PIECE_FRAMES + 7));
    expect(await audio.read(frames - 2, 100)).toEqual(whole.slice(-2));
    expect(await audio.read(frames, 1)).toHaveLength(0);
    const sample = (at: number): number =>
      (new DataView(data.buffer).getInt32(3 * at - 1, true) >> 8) / 2 ** 23;
    expect(whole[5]).toBe(Math.fround((Math.fround(sample(10)) + Math.fround(sample(11))) / 2));
  });

  it("are streamed with the same bytes", async () => {
    const whole = await loadAudio(file);
    let at = 0;
    for await (const piece of streamAudio(file)) {
      expect(piece).toEqual(whole.samples.slice(at, at + piece.length));
      at += piece.length;
    }
    expect(at).toBe(whole.samples.length);
    expect(at).toBe(Math.ceil((frames * 160) / 441));
  });

  it("beyond 4 GiB have their length in ds64", async () => {
    const samples = 3_000_000_000; // 6 GB that are not stored
    const ds64 = chunk("ds64", join(u64(6_000_000_080n), u64(6_000_000_000n), u64(0n), u32(0)));
    const head = join(
      text("RF64"),
      u32(0xffffffff),
      text("WAVE"),
      ds64,
      wav(bytes(), { dataLength: 0xffffffff }).slice(12),
    );
    const { openWav } = await import("../../src/audio/wav.ts");
    const reader = await openWav({
      name: "huge",
      size: head.length + 2 * samples,
      remote: false,
      async read(offset, target) {
        if (offset < head.length) target.set(head.subarray(offset, offset + target.length));
        else target.forEach((_, i) => (target[i] = Number((BigInt(offset - head.length + i) / 2n) % 128n)));
      },
      [Symbol.asyncDispose]: async () => {},
    });
    expect(reader).toMatchObject({ frames: samples, truncated: false });
    const last = await reader.read(samples - 1, 5);
    expect(last).toEqual(Float32Array.of((((samples - 1) % 128) * 257) / 32768));
  });

  it("refuses ranges of anything but WAV, and truncation when strict", async () => {
    await expect(openAudio(text("fLaC and more"))).rejects.toMatchObject({ code: "unsupported_encoding" });
    await expect(openAudio(file.slice(0, -1), { strict: true })).rejects.toMatchObject({
      code: "audio_truncated",
    });
    expect((await openAudio(file.slice(0, -1))).truncated).toBe(true);
  });
});

describe("real recordings", () => {
  it.each([
    ["jfk.wav", 176_000],
    ["paraformer-zh.wav", 208_832],
    ["funasr-sample.wav", 96_000],
    ["funasr-asr-example.wav", 88_747],
  ])("%s has %i samples", async (name, length) => {
    const path = shared(`audio/${name}`);
    if (path === undefined) return;
    const audio = await loadAudio(path);
    expect(audio.samples.length).toBe(length);
    expect(audio.warnings).toEqual([]);
  });
});
