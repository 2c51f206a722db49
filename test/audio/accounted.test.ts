/** Seconds of audio in a file are seconds that are read, or seconds that a warning gives. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { MAX_PARTS } from "../../src/audio/limits.ts";
import { ac3, adts, layer2 } from "../helpers/builders/frames.ts";
import { bytes, chunk, join, text, u32, wav } from "../helpers/builders/wav.ts";

const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(resolve(import.meta.dirname, "compressed", name)));

interface Part {
  readonly content: Uint8Array;
  readonly seconds: number;
}
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31) % 97);

const compressed = [
  "mono-16.flac",
  "stereo-24.flac",
  "mono.mp3",
  "stereo.mp3",
  "mono.ogg",
  "stereo.ogg",
  "mono.opus",
  "opus.m4a",
  "opus.webm",
].map((name): Part => ({ content: file(name), seconds: 0.375 }));
const frames = fc.integer({ min: 200, max: 3001 });
const waves = fc
  .tuple(frames, fc.constantFrom(8, 16, 24), fc.constantFrom(1, 2, 3), fc.constantFrom(8000, 16_000, 44_100))
  .map(([count, bits, channels, rate]): Part => {
    const data = noise(count * channels * (bits / 8));
    return { content: wav(data, { bits, channels, rate }), seconds: count / rate };
  });
const twoChunks = fc.tuple(frames, frames).map(([one, two]): Part => {
  return {
    content: wav(noise(2 * one), { after: chunk("data", noise(2 * two)) }),
    seconds: (one + two) / 16_000,
  };
});
const foreign = fc
  .tuple(fc.integer({ min: 3, max: 40 }), fc.constantFrom(0, 1, 2))
  .map(([count, kind]): Part => {
    const seconds = [1024 / 44_100, 1152 / 48_000, 1536 / 48_000][kind]! * count;
    return { content: [adts, layer2, ac3][kind]!(count), seconds };
  });
const join1 = fc.constantFrom(
  bytes(),
  text("\n"),
  text("\r\n"),
  join(text("TAG"), new Uint8Array(125)),
  join(text("ID3\x04\0\0\0\0\0\x0a"), new Uint8Array(10)),
  join(text("APETAGEX"), u32(2000), u32(32), u32(0), u32(0xa0000000), new Uint8Array(8), new Uint8Array(32)),
);
const decoded = fc.oneof(waves, twoChunks, fc.constantFrom(...compressed));

/** Seconds that warnings say are left out or missing. */
function warned(warnings: readonly string[]): number {
  const amounts = warnings.map((warning) => /(\d+\.\d\d) s (?:of audio|are missing)/u.exec(warning)?.[1]);
  return amounts.reduce((sum, amount) => sum + Number(amount ?? 0), 0);
}

async function* inPieces(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += 1009) yield whole.subarray(at, at + 1009);
}

describe("seconds in are seconds accounted for", () => {
  it("of any parts, joined by nothing, line ends or tags", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        decoded,
        fc.array(fc.tuple(join1, fc.oneof({ weight: 3, arbitrary: decoded }, foreign)), {
          minLength: 1,
          maxLength: 3,
        }),
        async (first, rest) => {
          const all = join(first.content, ...rest.flatMap(([between, { content }]) => [between, content]));
          const total = rest.reduce((sum, [, { seconds }]) => sum + seconds, first.seconds);
          const audio = await loadAudio(all, { ffmpeg: false });
          expect(Math.abs(audio.duration + warned(audio.warnings) - total)).toBeLessThan(0.006 * rest.length);
          expect(audio.truncated, audio.warnings.join()).toBe(warned(audio.warnings) > 0);
          expect((await loadAudio(inPieces(all), { ffmpeg: false })).duration).toBe(audio.duration);
        },
      ),
      { numRuns: 60, seed: 11 },
    );
  });

  it("of WAV files that are cut anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(frames, fc.nat(3000), async (count, cut) => {
        const whole = wav(noise(2 * count));
        const audio = await loadAudio(whole.slice(0, Math.max(46, whole.length - cut)), { ffmpeg: false });
        expect(audio.duration + warned(audio.warnings)).toBeCloseTo(count / 16_000, 1.9);
      }),
      { numRuns: 100, seed: 5 },
    );
  });
});

describe("FLAC", () => {
  it.each([1, 40, 999, 30_000])("%i bytes of junk between frames lose no frame", async (length) => {
    const flac = file("stereo-24.flac");
    const start = flac.findIndex((byte, i) => i > 4000 && byte === 0xff && flac[i + 1] === 0xf8);
    expect(start).toBeGreaterThan(4000);
    const audio = await loadAudio(
      join(flac.slice(0, start), new Uint8Array(length).fill(0x55), flac.slice(start)),
      {
        ffmpeg: false,
      },
    );
    expect(audio.samples).toEqual((await loadAudio(flac, { ffmpeg: false })).samples);
    expect(audio.truncated).toBe(true); // the damage is told
  });
});

it(`more than ${MAX_PARTS} parts are refused, and no fewer`, { timeout: 120_000 }, async () => {
  const part = wav(noise(160));
  const many = join(...Array.from({ length: MAX_PARTS }, () => part));
  expect((await loadAudio(many, { ffmpeg: false })).duration).toBeCloseTo((MAX_PARTS * 80) / 16_000, 6);
  await expect(loadAudio(join(many, part), { ffmpeg: false })).rejects.toMatchObject({
    code: "audio_malformed",
    message: expect.stringContaining("10000 parts"),
  });
});
