/**
 * An abort ends reading audio whatever it waits for: streams that stall at any byte of any format, streams without an
 * end, programs that do not answer. A test that fails here hangs until its time is over.
 */
import { chmod, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import type { AudioInput, AudioOptions } from "../../src/audio/container.ts";
import { pcm16 } from "../../src/audio/raw.ts";
import { adts, mp4 } from "../helpers/builders/frames.ts";
import { chunk, int16, join as concat, text, wav } from "../helpers/builders/wav.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const reason = new Error("changed my mind");

/** What reading ends with when it is aborted a moment after `begun` has resolved. */
function abortedBehind(
  input: AudioInput,
  begun: Promise<void>,
  options: AudioOptions = {},
): Promise<unknown> {
  const controller = new AbortController();
  void begun.then(() => setTimeout(() => controller.abort(reason), 5));
  const work = loadAudio(input, { ffmpeg: false, ...options, signal: controller.signal });
  return work.catch((error: unknown) => error);
}

/** Some bytes, and then nothing any more; `stalls` resolves when more is awaited. */
function stalled(head: Uint8Array): { stream: AsyncIterable<Uint8Array>; stalls: Promise<void> } {
  let stall = (): void => {};
  const stalls = new Promise<void>((resolve) => (stall = resolve));
  async function* pieces(): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head;
    stall();
    await new Promise(() => {});
  }
  return { stream: pieces(), stalls };
}

const compressed = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(fixture(`../test/audio/compressed/${name}`)));
const clip = wav(int16(...Array.from({ length: 4000 }, (_, i) => (i * 37) % 5000)));
const formats: readonly (readonly [string, Uint8Array])[] = [
  ["nothing", new Uint8Array(0)],
  ["zeros", new Uint8Array(5000)],
  ["WAV", clip],
  [
    "WAV with a chunk of 4 GB before its samples",
    wav(int16(1), { between: chunk("LIST", text("ab"), 0xffff_fff0) }),
  ],
  ["FLAC", compressed("mono-16.flac")],
  ["MP3", compressed("mono.mp3")],
  ["Ogg Vorbis", compressed("mono.ogg")],
  ["Ogg Opus", compressed("mono.opus")],
  ["MP4", compressed("opus.m4a")],
  ["WebM", compressed("opus.webm")],
  ["AAC behind WAV", concat(clip, adts(20))],
  ["AAC in MP4", mp4(3)],
];

describe.each(formats)("a stream of %s that stalls", (_, file) => {
  it.each([1, 0.97, 0.9, 0.75, 0.5, 0.25, 0.1, 0.03, 0.01, 0.001])("behind a share of %d", async (share) => {
    const { stream, stalls } = stalled(file.subarray(0, Math.ceil(share * file.length)));
    expect(await abortedBehind(stream, stalls)).toBe(reason);
  });
});

describe("a stream that stalls", () => {
  it("of samples", async () => {
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    async function* samples(): AsyncGenerator<Float32Array> {
      yield new Float32Array(3000);
      begin();
      await new Promise(() => {});
    }
    expect(await abortedBehind({ samples: samples(), sampleRate: 8000 }, begun)).toBe(reason);
  });

  it("of Node is destroyed, so that the process can end", async () => {
    for (const inputOf of [
      (stream: Readable): AudioInput => stream,
      (stream: Readable): AudioInput => ({ samples: pcm16(stream), sampleRate: 16_000 }),
    ]) {
      const stream = new Readable({ read() {} });
      stream.push(clip);
      expect(await abortedBehind(inputOf(stream), Promise.resolve())).toBe(reason);
      expect(stream.destroyed).toBe(true);
    }
  });

  it("of the web is cancelled", async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(clip),
      cancel: () => void (cancelled = true),
    });
    expect(await abortedBehind(stream, Promise.resolve())).toBe(reason);
    expect(cancelled).toBe(true);
  });

  it("was aborted before it was read", async () => {
    const { stream } = stalled(new Uint8Array(0));
    const signal = AbortSignal.abort(reason);
    await expect(loadAudio(stream, { signal })).rejects.toBe(reason);
    await expect(loadAudio(fixture("audio/tiny.wav"), { signal })).rejects.toBe(reason);
    await expect(loadAudio(new Float32Array(10), { signal })).rejects.toBe(reason);
  });
});

describe("a stream without an end, whose pieces are always there", () => {
  async function* endless(head: Uint8Array, piece: Uint8Array): AsyncGenerator<Uint8Array> {
    yield head;
    for (;;) yield piece;
  }
  const zeros = new Uint8Array(2 ** 16);
  it.each<[string, Uint8Array, Uint8Array]>([
    [
      "a chunk before the samples",
      wav(int16(1), { between: chunk("LIST", zeros, 0xffff_fff0) }).subarray(0, 44),
      zeros,
    ],
    ["samples", wav(int16(1), { dataLength: 0xffff_ffff }), zeros],
    ["a chunk behind the samples", concat(clip, text("LIST"), new Uint8Array([0, 0, 0, 1])), zeros],
    ["empty pieces", clip, new Uint8Array(0)],
    ["single bytes", clip, new Uint8Array(1)],
    ["zeros behind frames of MP3", compressed("mono.mp3"), zeros],
    ["zeros behind pages of Ogg", compressed("mono.ogg"), zeros],
    ["files of FLAC", compressed("mono-16.flac"), compressed("mono-16.flac")],
  ])("%s", async (_, head, piece) => {
    expect(await abortedBehind(endless(head, piece), Promise.resolve())).toBe(reason);
  });
});

it("a program that does not answer is ended", async () => {
  const program = join(await temporaryFolder(), "ffmpeg");
  await writeFile(program, "#!/bin/sh\nsleep 1000\n");
  await chmod(program, 0o755);
  const caf = concat(text("caff\0\u0001\0\0desc"), new Uint8Array(100));
  const begun = new Promise<void>((resolve) => setTimeout(resolve, 50));
  for (const input of [caf, stalled(caf).stream]) {
    expect(await abortedBehind(input, begun, { ffmpeg: program })).toBe(reason);
  }
});
