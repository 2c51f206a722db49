import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uniform } from "../helpers/builders/random.ts";
import { bytes, extension, float32, float64, int16, join, u32, wav } from "../helpers/builders/wav.ts";
import { loadAudio } from "../../src/audio/container.ts";
import { samplesOf } from "../../src/audio/wav.ts";

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

it("names a sample that is no number by its place in the file, over all channels", async () => {
  const format = { encoding: "float", bits: 32, channels: 2, sampleRate: 16_000, frameBytes: 8 } as const;
  await expect(samplesOf("a.wav", float32(0, 0, 0, NaN), format, 10)).rejects.toMatchObject({
    code: "non_finite",
    message: expect.stringContaining("sample 23 is NaN") as string, // 20 before them, and three of these
  });
});
