/** Containers whose bytes cannot be read: the error of the read is the one that is thrown, whichever read it is. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BufferTarget, EncodedAudioPacketSource, EncodedPacket, MkvOutputFormat, Output } from "mediabunny";
import { expect, it } from "vitest";
import { decodeMatroska, decodeMp4 } from "../../src/audio/demux.ts";
import { FileError } from "../../src/errors.ts";
import { openBytes } from "../../src/platform/bytes.ts";
import type { ByteSource } from "../../src/platform/bytes.ts";

const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(resolve(import.meta.dirname, "compressed", name)));

/** Its reads of at least a byte fail from the one of that number on. */
function failing(bytes: Uint8Array, from: number, error: Error): ByteSource & { reads: number } {
  const source = openBytes(bytes, "a file");
  return {
    ...source,
    reads: 0,
    async read(offset, target, signal) {
      if (target.length > 0 && this.reads++ >= from) throw error;
      await source.read(offset, target, signal);
    },
  };
}

/** Four seconds of PCM at 48 kHz, more than is read ahead. */
async function pcm(): Promise<Uint8Array> {
  const [target, source] = [new BufferTarget(), new EncodedAudioPacketSource("pcm-f32")];
  const output = new Output({ format: new MkvOutputFormat(), target });
  output.addAudioTrack(source);
  await output.start();
  const decoderConfig = { codec: "pcm-f32", sampleRate: 48_000, numberOfChannels: 2 };
  for (let i = 0; i < 40; i++) {
    const packet = new EncodedPacket(new Uint8Array(38_400), "key", i / 10, 0.1);
    await source.add(packet, { decoderConfig });
  }
  await output.finalize();
  return new Uint8Array(target.buffer!);
}

it.each([
  ["MP4", decodeMp4, file("opus.m4a")],
  ["WebM", decodeMatroska, file("opus.webm")],
  ["Matroska with PCM", decodeMatroska, await pcm()],
] as const)("%s", async (_, decode, bytes) => {
  const error = new FileError("file_unreadable", "a file", "the disk is gone");
  const whole = failing(bytes, Infinity, error);
  let samples = 0;
  for await (const piece of decode(whole)) samples += piece.channels[0]!.length;
  expect(samples).toBeGreaterThan(0);
  expect(whole.reads).toBeGreaterThan(1);
  for (let from = 0; from < whole.reads; from++) {
    const drain = async (): Promise<void> => {
      for await (const piece of decode(failing(bytes, from, error))) expect(piece).toBeDefined();
    };
    await expect(drain(), `read ${from}`).rejects.toBe(error);
  }
});
