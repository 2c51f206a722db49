/** The readers of audio. What no decoder here reads has its length found, as before another program decodes it. */
import { loadAudio, streamAudio } from "../../../src/audio/container.ts";
import { decodeParts } from "../../../src/audio/parts.ts";
import { sniff } from "../../../src/audio/sniff.ts";
import { FunAsrError } from "../../../src/errors.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import { interruptible } from "../../../src/platform/interruptible.ts";
import { float32, int16, wav } from "../../../test/helpers/builders/wav.ts";
import { recorded } from "../../../test/helpers/builders/webm.ts";
import { inOneChunk, otherContainers } from "../formats/chunks.ts";
import { ebml, mp4 } from "../formats/nested.ts";
import { flac, mp3, ogg } from "../formats/streams.ts";
import { block } from "../structure/part.ts";
import type { Part } from "../structure/part.ts";
import { bytesOf, original } from "./reader.ts";
import type { Original, Readers } from "./reader.ts";

const limits = { ffmpeg: false, maxSeconds: 60 } as const;
const compressed = (file: string, treeOf: (bytes: Buffer) => Part): Original =>
  original(`test/audio/compressed/${file}`, treeOf);

async function readAudio(bytes: Buffer): Promise<number> {
  const { samples } = await loadAudio(bytes, limits);
  if (!samples.every(Number.isFinite)) throw new Error("samples that are no numbers");
  return samples.length;
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

async function readStream(bytes: Buffer): Promise<number> {
  let count = 0;
  for await (const samples of streamAudio(inPieces(bytes), limits)) count += samples.length;
  return count;
}

const outcomeOf = async (reading: Promise<number>): Promise<number | string> =>
  await reading.catch((error: unknown) => {
    if (error instanceof FunAsrError) return error.code;
    throw error;
  });

/** A file and a stream of the same bytes have the same samples, or the same fault. */
async function readBoth(bytes: Buffer): Promise<void> {
  const [file, stream] = [await outcomeOf(readAudio(bytes)), await outcomeOf(readStream(bytes))];
  if (file !== stream) throw new Error(`${file} as a file, ${stream} as a stream`);
  if (typeof file === "string") await readAudio(bytes);
}

/** The program decodes nothing; what is behind its part is read. */
async function readForeign(bytes: Buffer): Promise<void> {
  await readAudio(bytes).catch((error: unknown) => {
    if (!(error instanceof FunAsrError)) throw error;
  });
  const source = interruptible(openBytes(bytes, "audio"), undefined); // as inputs are opened
  const first = await sniff(source);
  if (first === undefined) return await readAudio(bytes).then(() => undefined);
  // oxlint-disable-next-line require-yield
  const parts = decodeParts(source, first, async function* () {
    return { truncated: false, warnings: [] };
  });
  let seconds = 0;
  for await (const { channels, sampleRate } of parts) {
    seconds += channels[0]!.length / sampleRate;
    if (seconds > limits.maxSeconds) return;
  }
}

const samples = int16(...Array.from({ length: 400 }, (_, i) => Math.round(9000 * Math.sin(i / 5))));
const pcm = new Uint8Array(samples);
const tree = (bytes: Uint8Array): Part => inOneChunk(Buffer.from(bytes));
const others = otherContainers(pcm);
const webm = bytesOf("test/audio/compressed/opus.webm");

export const audioReaders: Readers = {
  wav: {
    originals: [
      { name: "16 bits", tree: tree(wav(pcm)) },
      {
        name: "floats",
        tree: tree(wav(float32(...Array.from({ length: 200 }, (_, i) => Math.sin(i))), { tag: 3, bits: 32 })),
      },
      { name: "two files", tree: block([tree(wav(pcm)), tree(wav(pcm, { rate: 8000 }))]) },
      { name: "a-law", tree: tree(wav(pcm, { tag: 6, bits: 8 })) },
      { name: "RF64", tree: others["rf64"]! },
    ],
    read: readBoth,
  },
  flac: {
    originals: [compressed("mono-16.flac", flac), compressed("stereo-24.flac", flac)],
    read: readAudio,
  },
  mp3: { originals: [compressed("mono.mp3", mp3), compressed("stereo.mp3", mp3)], read: readAudio },
  vorbis: { originals: [compressed("mono.ogg", ogg), compressed("stereo.ogg", ogg)], read: readAudio },
  opus: { originals: [compressed("mono.opus", ogg)], read: readAudio },
  mp4: { originals: [compressed("opus.m4a", mp4)], read: readAudio },
  webm: {
    originals: [
      { name: "opus.webm", tree: ebml(webm) },
      { name: "a WebM of a recorder", tree: ebml(Buffer.from(recorded(webm))) },
    ],
    read: readAudio,
  },
  "audio for ffmpeg": {
    originals: Object.entries(others).map(([name, tree]) => ({ name, tree })),
    read: readForeign,
  },
};
