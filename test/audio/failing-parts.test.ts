/** Which errors of a part end the reading, and which parts another program is asked for. */
import { describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { decodeParts } from "../../src/audio/parts.ts";
import { decodeWav } from "../../src/audio/wav-parts.ts";
import type { ForeignProgram } from "../../src/audio/foreign.ts";
import { sniff } from "../../src/audio/sniff.ts";
import { FileError } from "../../src/errors.ts";
import { openBytes } from "../../src/platform/bytes.ts";
import { bytes, chunk, float32, int16, join, text, wav } from "../helpers/builders/wav.ts";
import { compressed } from "../helpers/builders/hostile-compressed.ts";

const tone = wav(int16(...Array.from({ length: 4000 }, (_, i) => Math.round(9000 * Math.sin(i / 3)))));

describe("behind a part that was decoded", () => {
  it("a sample that is no number is refused", async () => {
    const noNumbers = wav(float32(0, NaN, 0), { tag: 3, bits: 32 });
    await expect(loadAudio(join(tone, noNumbers))).rejects.toMatchObject({ code: "non_finite" });
  });

  it("a part that cannot be decoded gives a warning", async () => {
    const adpcm = wav(new Uint8Array(4000), { tag: 2, bits: 4, block: 1 });
    await expect(loadAudio(adpcm, { ffmpeg: false })).rejects.toMatchObject({ code: "unsupported_encoding" });
    const audio = await loadAudio(join(tone, adpcm), { ffmpeg: false });
    expect(audio).toMatchObject({ duration: 0.25, truncated: true });
    expect(audio.warnings.join()).toContain("Microsoft ADPCM");
  });

  it("a part of which a read fails is decoded up to there, and the warning states the seconds of the rest", async () => {
    const seconds = 20;
    const long = wav(new Uint8Array(2 * 16_000 * seconds));
    const source = openBytes(join(tone, long), "two.wav");
    let failed = false;
    const once: typeof source = {
      ...source,
      read(offset, target) {
        if (failed || offset < tone.length + long.length / 2) return source.read(offset, target);
        failed = true;
        throw new FileError("file_unreadable", "two.wav", "the disk is gone");
      },
    };
    const pieces = decodeParts(once, (await sniff(source))!);
    let decoded = 0;
    let next = await pieces.next();
    for (; next.done !== true; next = await pieces.next())
      if (next.value.part === 1) decoded += next.value.channels[0]!.length / 16_000;
    expect(decoded).toBeGreaterThan(1);
    expect(decoded).toBeLessThan(seconds - 1);
    expect(next.value.warnings.join("\n")).toContain(`${(seconds - decoded).toFixed(2)} s`);
  });

  it("an error that is not of audio ends the reading", async () => {
    const broken = new RangeError("a fault of the program");
    const source = openBytes(join(tone, tone), "two.wav");
    let failed = false;
    const once: typeof source = {
      ...source,
      read(offset, target) {
        if (failed || offset < tone.length + 40) return source.read(offset, target);
        failed = true;
        throw broken;
      },
    };
    const parts = decodeParts(once, (await sniff(source))!);
    const reading = (async () => {
      for await (const piece of parts) expect(piece.part).toBeLessThan(2);
    })();
    await expect(reading).rejects.toBe(broken);
  });
});

it("a read that fails once behind the samples of a WAV file is no end of the file", async () => {
  const list = chunk("LIST", text("INFO"));
  const file = wav(int16(1, 2, 3, 4), { after: list });
  const source = openBytes(file, "a.wav");
  const cause = new FileError("file_unreadable", "a.wav", "the disk is gone");
  let failed = false;
  const once: typeof source = {
    ...source,
    read(offset, target) {
      if (failed || offset < file.length - list.length) return source.read(offset, target);
      failed = true;
      throw cause;
    },
  };
  const pieces = decodeWav(once);
  expect(await pieces.next()).toMatchObject({ done: false });
  await expect(pieces.next()).rejects.toBe(cause);
});

describe("another program", () => {
  /** Decodes the file here, and by a program that takes note of what it is asked for. */
  async function decode(file: Uint8Array, hasProgram = true) {
    const asked: string[] = [];
    const program: ForeignProgram = async function* (_, name) {
      asked.push(name);
      yield { channels: [Float32Array.of(0.25)], sampleRate: 16_000 };
      return { truncated: false, warnings: [] };
    };
    const source = openBytes(file, "a.audio");
    const parts = decodeParts(source, (await sniff(source))!, hasProgram ? program : undefined);
    const samples: number[] = [];
    try {
      for await (const { channels } of parts) samples.push(...channels[0]!);
      return { asked, samples };
    } catch (error) {
      return { asked, samples, error };
    }
  }
  const flac = compressed("mono-16.flac");
  /** Bits of a sample are in the bytes 20 and 21: 32 in place of 16. */
  const wide = flac.with(20, flac[20]! | 1).with(21, flac[21]! | 0xf0);
  const malformed = flac.with(4, 4);
  const speex = join(text("OggS"), new Uint8Array(60));

  it("decodes an encoding that is not supported here", async () => {
    expect(await decode(wide)).toEqual({ asked: ["FLAC"], samples: [0.25] });
    expect(await decode(speex)).toMatchObject({ asked: [expect.stringContaining("Ogg")], samples: [0.25] });
  });

  it("is not asked for a file that is malformed, or one that is decoded here", async () => {
    expect(await decode(malformed)).toMatchObject({ asked: [], error: { code: "audio_malformed" } });
    expect(await decode(flac)).toMatchObject({ asked: [], samples: { length: 6000 } });
  });

  it("is missed with the decoder's own reason, or with the name of the format", async () => {
    const message = (part: string): unknown => expect.stringContaining(part);
    const code = "unsupported_encoding";
    expect(await decode(wide, false)).toMatchObject({ error: { code, message: message("FLAC of 32 bits") } });
    expect(await decode(speex, false)).toMatchObject({
      error: { code, message: message("is not decoded here") },
    });
  });
});

it("an MP3 of a table of contents alone has no frame of sound", async () => {
  const mp3 = compressed("mono.mp3").slice(0, 288);
  expect(new TextDecoder("latin1").decode(mp3.subarray(13, 17))).toBe("Xing");
  await expect(loadAudio(mp3, { ffmpeg: false })).rejects.toMatchObject({
    code: "audio_malformed",
    message: expect.stringContaining("no MP3 frame"),
  });
});

it("a stream of what is not bytes, or not samples, is refused", async () => {
  async function* of(...items: readonly unknown[]): AsyncGenerator<never> {
    yield* items as readonly never[];
  }
  for (const piece of ["RIFF", [82, 73], new Float32Array(4), null])
    await expect(loadAudio(of(bytes(82, 73), piece))).rejects.toMatchObject({
      code: "bad_option",
      message: expect.stringContaining("a piece that is not bytes"),
    });
  for (const piece of ["RIFF", [0, 1], Float64Array.of(0), undefined])
    await expect(
      loadAudio({ samples: of(Float32Array.of(0.5), piece), sampleRate: 16_000 }),
    ).rejects.toMatchObject({
      code: "bad_option",
      message: expect.stringContaining("neither a Float32Array nor an Int16Array"),
    });
});
