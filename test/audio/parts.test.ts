/** Files of several parts: every second of audio is decoded, in order, or a warning tells how much is not. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { chunk, int16, join, text, u32, wav } from "../helpers/builders/wav.ts";

const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(resolve(import.meta.dirname, "compressed", name)));
const tone = (length: number): Uint8Array =>
  int16(...Array.from({ length }, (_, i) => Math.round(9000 * Math.sin(i / 3))));

const parts = {
  "mono.ogg": file("mono.ogg"),
  "stereo.ogg": file("stereo.ogg"),
  "mono.mp3": file("mono.mp3"),
  "stereo.mp3": file("stereo.mp3"),
  "mono.opus": file("mono.opus"),
  "opus.m4a": file("opus.m4a"),
  "opus.webm": file("opus.webm"),
  "mono-16.flac": file("mono-16.flac"),
  "stereo-24.flac": file("stereo-24.flac"),
  "wav 16000": wav(tone(5001)),
  "wav 22050": wav(tone(3333), { rate: 22_050 }),
  "wav 8 bits, odd": wav(new Uint8Array(4003).fill(130), { bits: 8, rate: 8000 }),
} as const;
type Name = keyof typeof parts;

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
}

/** Loads the bytes as a file and as a stream, which must agree. */
async function load(bytes: Uint8Array) {
  const whole = await loadAudio(bytes, { ffmpeg: false });
  expect(await loadAudio(inPieces(bytes), { ffmpeg: false })).toEqual(whole);
  return whole;
}

async function expectAll(names: readonly Name[], bytes: Uint8Array): Promise<void> {
  const each = await Promise.all(names.map((name) => loadAudio(parts[name], { ffmpeg: false })));
  const audio = await load(bytes);
  expect(audio.samples).toEqual(Float32Array.from(each.flatMap(({ samples }) => [...samples])));
  expect(audio.duration).toBeCloseTo(
    each.reduce((sum, { duration }) => sum + duration, 0),
    9,
  );
  expect(audio).toMatchObject({ truncated: false, warnings: [] });
}

const names = Object.keys(parts) as Name[];

describe("two files, one behind the other, are both decoded", () => {
  it.each(names.flatMap((a) => names.map((b) => [a, b] as const)))("%s + %s", async (a, b) => {
    await expectAll([a, b], join(parts[a], parts[b]));
  });
});

it.each(names)("three files, the outer ones %s", async (name) => {
  await expectAll([name, "stereo.ogg", name], join(parts[name], parts["stereo.ogg"], parts[name]));
});

const id3 = join(text("ID3\x04\0\0\0\0\0\x0a"), new Uint8Array(10));
const ape = join(
  text("APETAGEX"),
  u32(2000),
  u32(32),
  u32(0),
  u32(0xa0000000),
  new Uint8Array(8),
  new Uint8Array(32),
);
const junk = Uint8Array.from({ length: 60_000 }, (_, i) => (i * 7) % 200);

describe("in front of the audio", () => {
  it.each([
    ["two ID3v2 tags", join(id3, id3)],
    ["an APE tag", ape],
    ["an ID3v2 tag and 5,000 zeros", join(id3, new Uint8Array(5000))],
    ["60,000 bytes of junk", junk],
  ])("%s", async (_, head) => {
    for (const name of names) {
      const audio = await load(join(head, parts[name]));
      expect(audio.samples, name).toEqual((await loadAudio(parts[name])).samples);
    }
  });
});

describe("behind FLAC", () => {
  it.each([
    ["a newline", text("\n")],
    ["an ID3v1 tag", join(text("TAG"), new Uint8Array(125).fill(65))],
    ["zeros", new Uint8Array(300)],
    ["an APE tag", ape],
  ])("%s loses no frame", async (_, tail) => {
    await expectAll(["mono-16.flac"], join(parts["mono-16.flac"], tail));
    await expectAll(["stereo-24.flac"], join(parts["stereo-24.flac"], tail));
  });
});

describe("WAV", () => {
  const samples = tone(5001);
  it("all data chunks are read", async () => {
    const audio = await load(
      wav(samples, { after: join(chunk("LIST", text("abc")), chunk("data", tone(100))) }),
    );
    expect(audio).toMatchObject({ duration: 5101 / 16000, warnings: [], truncated: false });
  });

  it.each([1, 3, 4000, 9001])("a header that promises %i bytes is not believed", async (dataLength) => {
    const audio = await load(wav(samples, { dataLength }));
    expect(audio.samples).toEqual((await load(wav(samples))).samples);
    expect(audio.warnings).toHaveLength(1);
  });

  it.each([0, 0x7fff_ffff, 0x7fff_f000, 0x7fff_efff, 0x8000_0000, 0xffff_ffff, 0xffff_ffff - 44])(
    "a length of %i is that of a pipe",
    async (dataLength) => {
      const piped = wav(samples, { dataLength });
      expect(await load(piped)).toEqual(await load(wav(samples)));
      const two = await load(join(piped, wav(tone(777), { rate: 8000, dataLength })));
      expect(two).toMatchObject({ duration: 5001 / 16000 + 777 / 8000, truncated: false, warnings: [] });
    },
  );

  it("that is cut in front of another file tells what is missing", async () => {
    const audio = await load(join(wav(samples).slice(0, -3200), wav(tone(800))));
    expect(audio).toMatchObject({ duration: (5001 - 1600 + 800) / 16000, truncated: true });
    expect(audio.warnings[0]).toContain("0.10 s are missing");
  });
});

it("MP4, a line end, and WAV whose size reads as the name of a box", async () => {
  const second = wav(new Uint8Array(0x2120 - 36).fill(7));
  expect(second.slice(4, 8)).toEqual(Uint8Array.of(0x20, 0x21, 0, 0));
  const audio = await load(join(parts["opus.m4a"], text("\r\n"), second));
  expect(audio).toMatchObject({ truncated: false, warnings: [] });
  expect(audio.duration).toBeCloseTo(0.375 + (0x2120 - 36) / 32_000, 9);
});

it.each(["mono-16.flac", "mono.ogg", "wav 16000"] as const)(
  "a cut Ogg file leaves %s behind it whole",
  async (name) => {
    const audio = await load(join(parts["mono.ogg"].slice(0, -900), parts[name]));
    const whole = await loadAudio(parts[name]);
    expect(audio.samples.slice(-whole.samples.length)).toEqual(whole.samples);
    expect(audio.truncated).toBe(true);
  },
);
