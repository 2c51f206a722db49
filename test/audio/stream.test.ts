/** Files as streams: the same samples as from the file, whatever the pieces, in bounded memory. */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadAudio, streamAudio } from "../../src/audio/container.ts";
import { resample } from "../../src/audio/resample.ts";
import { pcm16 } from "../../src/audio/raw.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { normals } from "../helpers/builders/random.ts";
import { furthest } from "../helpers/builders/speech.ts";
import { bytes, extension, int16, join as concat, wav } from "../helpers/builders/wav.ts";

const compressed = join(import.meta.dirname, "compressed");
const files = [
  fixture("audio/tiny.wav"),
  ...["mono-16.flac", "stereo-24.flac", "mono.mp3", "stereo.mp3", "mono.ogg", "stereo.ogg"].map((name) =>
    join(compressed, name),
  ),
];

async function* inPieces(file: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

describe.each(files)("%s", (file) => {
  it.each([777, 65_536, Infinity])("is the same as a stream of %d bytes at a time", async (size) => {
    const whole = await loadAudio(file);
    const data = new Uint8Array(await readFile(file));
    const streamed = await loadAudio(inPieces(data, Math.min(size, data.length)));
    expect(furthest(streamed.samples, whole.samples)).toBe(0);
    expect(streamed).toMatchObject({ duration: whole.duration, truncated: whole.truncated });
  });

  it("is the same through a Node stream", async () => {
    const whole = await loadAudio(file);
    expect(furthest((await loadAudio(createReadStream(file))).samples, whole.samples)).toBe(0);
  });
});

describe("a WAV stream", () => {
  const samples = int16(...Array.from({ length: 5000 }, (_, i) => (i * 37) % 3000));
  it.each([
    ["declares its length", {}, false, 5000],
    ["does not know its length", { dataLength: 0xffffffff }, false, 5000],
    ["ends early", { dataLength: 20_000 }, true, 5000],
    ["is followed by another chunk", { after: bytes(...Buffer.from("LIST\x04\0\0\0abcd")) }, false, 5000],
  ])("that %s", async (_, parts, truncated, length) => {
    const audio = await loadAudio(inPieces(wav(samples, parts), 1000));
    expect(audio.samples).toHaveLength(length);
    expect(audio.truncated).toBe(truncated);
    expect(audio.warnings).toHaveLength(truncated ? 1 : 0);
  });

  it("of an extensible format, and half a frame at the end", async () => {
    const stereo = wav(concat(samples, bytes(1, 2)), {
      tag: 0xfffe,
      fmtTail: extension(1, 16),
      channels: 2,
      dataLength: 0xffffffff,
    });
    expect((await loadAudio(inPieces(stereo, 999))).samples).toHaveLength(2500);
  });

  it.each([0, 3, 12, 20, 30, 44])("cut after %i bytes is refused", async (length) => {
    const cut = wav(samples).subarray(0, length);
    await expect(loadAudio(inPieces(cut, 7))).rejects.toHaveProperty(
      "code",
      expect.stringMatching(/^(audio_empty|not_audio|audio_malformed)$/u),
    );
  });
});

it("refuses to go back further than the bytes that are kept", async () => {
  const { pipeSource } = await import("../../src/audio/pipe.ts");
  const { readUpTo } = await import("../../src/platform/bytes.ts");
  const block = new Uint8Array(2 ** 22);
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 12; i++) yield block;
  }
  const source = pipeSource(endless(), "stream");
  expect((await readUpTo(source, 47 * 2 ** 20, 10)).length).toBe(10);
  await expect(readUpTo(source, 0, 10)).rejects.toMatchObject({ code: "audio_malformed" });
  expect(source.size).toBe(Infinity);
  expect((await readUpTo(source, 48 * 2 ** 20, 10)).length).toBe(0);
  expect(source.size).toBe(48 * 2 ** 20);
});

it("closes the stream when the reader leaves", async () => {
  let closed = false;
  async function* long(): AsyncGenerator<Uint8Array> {
    try {
      yield wav(int16(...Array.from({ length: 50_000 }, () => 0)), { dataLength: 0xffffffff });
      for (;;) yield new Uint8Array(50_000);
    } finally {
      closed = true;
    }
  }
  for await (const piece of streamAudio(long())) if (piece.length > 0) break;
  expect(closed).toBe(true);
});

describe("streams of samples", () => {
  it("are resampled like the whole", async () => {
    const samples = normals(5, 30_000, 0.1);
    async function* live(): AsyncGenerator<Float32Array> {
      for (let at = 0; at < samples.length; at += 1234) yield samples.subarray(at, at + 1234);
    }
    const audio = await loadAudio({ samples: live(), sampleRate: 44_100 });
    expect(furthest(audio.samples, resample(samples, 44_100, 16_000))).toBe(0);
  });

  it("are read from headerless 16-bit PCM, cut anywhere", async () => {
    const raw = int16(1, -2, 300, -32_768, 32_767);
    const parts: number[] = [];
    for await (const part of pcm16(inPieces(raw, 3))) parts.push(...part);
    expect(parts).toEqual([1, -2, 300, -32_768, 32_767]);
  });

  it("are refused where they are not samples", async () => {
    async function* words(): AsyncGenerator<string> {
      yield "hello";
    }
    const input = { samples: words() as unknown as AsyncIterable<Float32Array>, sampleRate: 16_000 };
    await expect(loadAudio(input)).rejects.toMatchObject({ code: "bad_option" });
    const none = { samples: 5 as unknown as Float32Array, sampleRate: 16_000 };
    await expect(loadAudio(none)).rejects.toMatchObject({ code: "bad_option" });
  });
});
