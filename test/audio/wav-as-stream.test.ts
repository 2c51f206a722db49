/** A WAV file gives the same samples, seconds and warnings from a file, from a stream, and when it is only measured. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AudioError } from "../../src/errors.ts";
import { loadAudio, measureWav } from "../../src/audio/container.ts";
import type { AudioInput } from "../../src/audio/container.ts";
import { bytes, chunk, extension, fmt, int16, join, text, u32, u64, wav } from "../helpers/builders/wav.ts";

async function* inPieces(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

type Outcome = object | string;
async function outcome(work: Promise<object | undefined>): Promise<Outcome> {
  try {
    const { samples: _, sampleRate: __, ...summary } = (await work) as Record<string, unknown>;
    return summary;
  } catch (error) {
    expect(error).toBeInstanceOf(AudioError);
    const { code, message } = error as AudioError;
    return `${code}: ${message.replaceAll(/^(?:audio|stream)/gu, "")}`;
  }
}
const read = (input: AudioInput): Promise<object> => loadAudio(input, { ffmpeg: false });

async function expectSame(file: Uint8Array, size = 777): Promise<Outcome> {
  const whole = await outcome(read(file));
  expect(await outcome(read(inPieces(file, size)))).toEqual(whole);
  expect(await outcome(measureWav(file, { ffmpeg: false }))).toEqual(whole);
  if (typeof whole === "string") return whole;
  const { samples } = await loadAudio(file, { ffmpeg: false });
  expect((await loadAudio(inPieces(file, size), { ffmpeg: false })).samples).toEqual(samples);
  return whole;
}

const samples = int16(...Array.from({ length: 2001 }, (_, i) => (i * 71) % 9000));
const clip = wav(samples);

describe("measured as it is read", () => {
  it.each<[string, Uint8Array, number]>([
    ["one chunk", clip, 2001],
    ["two data chunks", wav(samples, { after: chunk("data", int16(1, 2, 3)) }), 2004],
    ["two files", join(clip, clip), 4002],
    ["a header that promises less", wav(samples, { dataLength: 2000 }), 2001],
    ["a header of a pipe", wav(samples, { dataLength: 0xffff_ffff }), 2001],
    ["a header of a pipe, and another file", join(wav(samples, { dataLength: 0x7fff_f000 }), clip), 4002],
    ["an empty chunk before the samples", wav(bytes(), { after: chunk("data", samples) }), 2001],
    ["half a frame at the end", join(clip.slice(0, -3)), 1999],
    ["RF64", rf64(samples.length), 2001],
    ["RF64 that promises less", rf64(1000), 2001],
    ["RF64 that promises more", rf64(100_000), 2001],
  ])("%s", async (_, file, frames) => {
    expect(await expectSame(file)).toMatchObject({ duration: frames / 16_000 });
  });
});

function rf64(length: number): Uint8Array {
  const ds64 = chunk("ds64", join(u64(0n), u64(BigInt(length)), u64(0n), u32(0)));
  return join(
    text("RF64"),
    u32(0xffff_ffff),
    text("WAVE"),
    ds64,
    fmt({}),
    text("data"),
    u32(0xffff_ffff),
    samples,
  );
}

const length = fc.oneof(
  fc.nat(3000),
  fc.constantFrom(
    0,
    1,
    2,
    3,
    1999,
    4001,
    4002,
    4003,
    0x7fff_ffff,
    0x7fff_f000,
    0x8000_0000,
    0xffff_ffff,
    0xffff_ff00,
  ),
);
const data = fc
  .tuple(fc.nat(300), fc.integer({ min: 0, max: 255 }))
  .map(([count, seed]) => Uint8Array.from({ length: count }, (_, i) => (i * 31 + seed) % 251));
const block = fc.oneof(
  fc.tuple(fc.constantFrom("LIST", "JUNK", "fact", "bext", "\0\0\0\0", "id3 "), data, length, fc.boolean()),
  fc.tuple(fc.constantFrom("data"), data, length, fc.boolean()),
);
const asChunk = ([id, content, claimed, honest]: readonly [
  string,
  Uint8Array,
  number,
  boolean,
]): Uint8Array => chunk(id, content, honest ? content.length : claimed);

it("any header", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        container: fc.constantFrom("RIFF", "RIFF", "RF64", "BW64"),
        bits: fc.constantFrom(8, 16, 24, 32),
        channels: fc.constantFrom(1, 1, 2, 3),
        tag: fc.constantFrom(1, 1, 1, 0xfffe),
        content: data,
        claimed: fc.option(length, { nil: undefined }),
        between: fc.array(block, { maxLength: 2 }),
        after: fc.array(block, { maxLength: 3 }),
        tail: fc.oneof(fc.constant(bytes()), fc.constant(clip), data),
        cut: fc.oneof(fc.constant(0), fc.nat(40)),
        edit: fc.option(fc.tuple(fc.nat(80), fc.nat(255)), { nil: undefined }),
        size: fc.integer({ min: 1, max: 400 }),
      }),
      async ({ container, bits, channels, tag, content, claimed, between, after, tail, cut, edit, size }) => {
        const file = join(
          wav(content, {
            container,
            bits,
            channels,
            tag,
            ...(tag === 1 ? {} : { fmtTail: extension(1, bits) }),
            ...(claimed === undefined ? {} : { dataLength: claimed }),
            between: join(...between.map(asChunk)),
            after: join(...after.map(asChunk)),
          }),
          tail,
        );
        const mutant = file.slice(0, Math.max(44, file.length - cut));
        if (edit !== undefined) mutant[edit[0] % mutant.length] = edit[1];
        if (mutant[0] !== 0x52 && mutant[0] !== 0x42) return; // no WAV file any more
        const format = await measureWav(mutant, { ffmpeg: false }).catch(() => ({}));
        if (format !== undefined) await expectSame(mutant, size);
      },
    ),
    { numRuns: 500, seed: 7 },
  );
});
