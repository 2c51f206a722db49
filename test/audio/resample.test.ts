import fc from "fast-check";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { normals, uniform } from "../helpers/builders/random.ts";
import { furthest } from "../helpers/builders/speech.ts";
import { planResampler, resample } from "../../src/audio/resample.ts";
import { floatsOf, readSafetensors } from "../../src/checkpoints/safetensors/index.ts";

const archive = resolve(import.meta.dirname, "../../fixtures/reference/frontend.safetensors");

describe("resample", () => {
  it.each([8000, 11025, 22050, 44100, 48000, 96000])("is torchaudio's, from %i Hz", async (rate) => {
    const golden = await readSafetensors(archive);
    const input = floatsOf(golden.tensors.get(`resample.${rate}.input`)!);
    const theirs = floatsOf(golden.tensors.get(`resample.${rate}`)!);
    const ours = resample(input, rate, 16000);
    expect(ours.length).toBe(theirs.length);
    expect(furthest(ours, theirs)).toBeLessThan(1e-6);
  });

  it("has ⌈N · to / from⌉ samples", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4000, max: 384_000 }),
        fc.integer({ min: 0, max: 3000 }),
        (rate, length) => {
          const exact = (BigInt(length) * 16000n + BigInt(rate) - 1n) / BigInt(rate);
          return resample(new Float32Array(length), rate, 16000).length === Number(exact);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gives the same bytes in pieces of any size", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8000, 11025, 22050, 44100, 48000, 192_000, 15_999, 16_000),
        fc.integer({ min: 0, max: 4000 }),
        fc.nat(),
        (rate, length, seed) => {
          const samples = normals(seed, length);
          const random = uniform(seed);
          const resampler = planResampler(rate, 16000);
          const pieces: number[] = [];
          for (let at = 0; at < length;) {
            const size = Math.floor(random() ** 3 * 900);
            pieces.push(...resampler.push(samples.subarray(at, at + size)));
            at += size;
          }
          pieces.push(...resampler.end());
          expect(Float32Array.from(pieces)).toEqual(resample(samples, rate, 16000));
        },
      ),
      { numRuns: 80 },
    );
  });

  it.each([8000, 22050, 32000, 44100, 48000])("keeps a tone of 1 kHz from %i Hz", (rate) => {
    const tone = (rate: number, length: number): Float32Array =>
      Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 1000 * i) / rate));
    const ours = resample(tone(rate, rate), rate, 16000).subarray(400, 15_600);
    const ideal = tone(16000, 16000).subarray(400, 15_600);
    let error = 0;
    let signal = 0;
    for (let i = 0; i < ours.length; i++) {
      error += (ours[i]! - ideal[i]!) ** 2;
      signal += ideal[i]! ** 2;
    }
    expect(10 * Math.log10(error / signal)).toBeLessThan(-60);
  });

  it("leaves samples at the right rate alone", () => {
    const samples = normals(4, 100);
    expect(resample(samples, 16000, 16000)).toBe(samples);
  });
});
