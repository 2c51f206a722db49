import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { furthest, tinySamples } from "../helpers/builders/speech.ts";
import { join, text, u32 } from "../helpers/builders/wav.ts";
import { loadAudio, streamAudio } from "../../src/audio/container.ts";

const folder = resolve(import.meta.dirname, "compressed");
const file = (name: string): Uint8Array => new Uint8Array(readFileSync(`${folder}/${name}`));
const load = (name: string) => loadAudio(file(name), { ffmpeg: false });

/** The samples that make_compressed.py encoded. */
const samples = tinySamples().slice(0, 6000);
samples.set([-32768, 32767, 0, -1].map((v) => v / 32768));

describe("FLAC", () => {
  it("is bit-equal to the WAV file that was compressed", async () => {
    const audio = await load("mono-16.flac");
    expect(audio.samples).toEqual(samples);
    expect(audio).toMatchObject({
      sourceRate: 16000,
      channels: 1,
      duration: 0.375,
      truncated: false,
      warnings: [],
    });
  });

  it("keeps 24 bits and both channels", async () => {
    const audio = await load("stereo-24.flac");
    const integer = (v: number): number => Math.round(v * 32768);
    const fine = (v: number): number => (v * 256 + 0x34) / 2 ** 23;
    const mean = samples.map((left, i) => {
      const right = Math.floor(integer(samples[5999 - i]!) / 2);
      return (Math.fround(fine(integer(left))) + Math.fround(fine(right))) / 2;
    });
    expect(audio.channels).toBe(2);
    expect(audio.samples).toEqual(mean);
  });

  it("is found after an ID3 tag", async () => {
    const tag = join(text("ID3\x04\0\0\0\0\0\x0a"), new Uint8Array(10));
    const audio = await loadAudio(join(tag, file("mono-16.flac")), { ffmpeg: false });
    expect(audio.samples).toEqual(samples);
  });

  it("is found after an ID3 tag that ends with a footer", async () => {
    const tag = join(text("ID3\x04\0\x10\0\0\0\x0a"), new Uint8Array(10), text("3DI\x04\0\x10\0\0\0\x0a"));
    const audio = await loadAudio(join(tag, file("mono-16.flac")), { ffmpeg: false });
    expect(audio.samples).toEqual(samples);
  });
});

const golden = JSON.parse(readFileSync(`${folder}/decoded.json`, "utf8")) as Record<
  string,
  { samples: number; rate: number; "every 37th": number[] }
>;

describe("MP3 and Ogg Vorbis", () => {
  it.each([
    ["mono.mp3", 1],
    ["stereo.mp3", 2],
    ["mono.ogg", 1],
    ["stereo.ogg", 2],
  ])("%s is what libsndfile decodes", async (name) => {
    const audio = await load(name);
    const theirs = golden[name]!;
    expect(audio.samples.length).toBe(theirs.samples);
    expect(
      furthest(
        audio.samples.filter((_, i) => i % 37 === 0),
        theirs["every 37th"],
      ),
    ).toBeLessThan(2e-4);
    expect(audio).toMatchObject({ sourceRate: theirs.rate, truncated: false, warnings: [] });
  });

  it("MP3 tags at both ends are skipped", async () => {
    const plain = await load("mono.mp3");
    const head = join(text("ID3\x04\0\0\0\0\0\x0a"), new Uint8Array(10));
    const ape = join(text("APETAGEX"), u32(2000), u32(32), u32(0), new Uint8Array(12), new Uint8Array(32));
    const tail = join(ape, text("TAG"), new Uint8Array(125));
    const tagged = await loadAudio(join(head, file("mono.mp3"), tail), { ffmpeg: false });
    expect(tagged.samples).toEqual(plain.samples);
    expect(tagged.warnings).toEqual([]);
  });

  it("streams the same samples", async () => {
    for (const name of ["mono-16.flac", "stereo.mp3", "stereo.ogg"]) {
      const whole = await load(name);
      const pieces: number[] = [];
      for await (const piece of streamAudio(file(name))) pieces.push(...piece);
      expect(Float32Array.from(pieces)).toEqual(whole.samples);
    }
  });
});

describe("Opus", () => {
  it.each(["mono.opus", "opus.m4a", "opus.webm"])("%s is what libopus decodes", async (name) => {
    const [audio, theirs] = [await load(name), await load("opus-decoded.wav")];
    expect(audio.duration).toBe(theirs.duration);
    expect(furthest(audio.samples, theirs.samples)).toBeLessThan(1e-6);
    expect(audio).toMatchObject({ sourceRate: 48_000, channels: 1, truncated: false, warnings: [] });
  });
});

describe("other formats", () => {
  it("are refused with their name and a hint at ffmpeg", async () => {
    const speex = file("mono.opus");
    speex.set(text("Speex   "), 28);
    await expect(loadAudio(speex, { ffmpeg: false })).rejects.toMatchObject({
      code: "unsupported_encoding",
      message: expect.stringMatching(/Ogg Speex.*ffmpeg -i/u),
    });
    await expect(loadAudio(speex, { ffmpeg: "/no/such/ffmpeg" })).rejects.toMatchObject({
      code: "unsupported_encoding",
      message: expect.stringContaining("/no/such/ffmpeg does not start"),
    });
  });
});
