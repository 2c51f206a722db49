/** Streams that stall or have no end: an abort ends reading within 100 ms. */
import { setTimeout as sleep } from "node:timers/promises";
import { loadAudio } from "../../../src/audio/container.ts";
import { compressed } from "../../../test/helpers/builders/hostile-compressed.ts";
import { chunk, int16, join, text, wav } from "../../../test/helpers/builders/wav.ts";
import type { AttackCase } from "../case.ts";

/** 100 ms is what is promised, and as much again for a busy machine. */
const mostMilliseconds = 200;
const clip = wav(int16(...Array.from({ length: 4000 }, (_, i) => (i * 37) % 5000)));
const zeros = new Uint8Array(2 ** 16);

const formats: readonly (readonly [string, () => Uint8Array])[] = [
  ["nothing", () => new Uint8Array(0)],
  ["zeros", () => zeros],
  ["WAV", () => clip],
  ["WAV with a chunk of 4 GB", () => wav(int16(1), { between: chunk("LIST", text("ab"), 0xffff_fff0) })],
  ...["mono-16.flac", "mono.mp3", "mono.ogg", "mono.opus", "opus.m4a", "opus.webm"].map(
    (name) => [name, () => compressed(name)] as const,
  ),
];

const endless: readonly (readonly [string, () => Uint8Array, () => Uint8Array])[] = [
  ["samples", () => wav(int16(1), { dataLength: 0xffff_ffff }), () => zeros],
  ["a chunk behind the samples", () => join(clip, text("LIST"), new Uint8Array([0, 0, 0, 1])), () => zeros],
  ["empty pieces", () => clip, () => new Uint8Array(0)],
  ["single bytes", () => clip, () => new Uint8Array(1)],
  ["zeros behind frames of MP3", () => compressed("mono.mp3"), () => zeros],
  ["zeros behind pages of Ogg", () => compressed("mono.ogg"), () => zeros],
  ["files of FLAC", () => compressed("mono-16.flac"), () => compressed("mono-16.flac")],
];

async function* stalling(head: Uint8Array): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  await new Promise(() => {});
}

async function* repeating(head: Uint8Array, piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield head;
  for (;;) yield piece;
}

/** Throws where reading does not end with the reason of its abort, soon. */
async function abort(stream: AsyncIterable<Uint8Array>): Promise<void> {
  const controller = new AbortController();
  const reason = new Error("aborted");
  const reading = loadAudio(stream, { ffmpeg: false, signal: controller.signal }).catch(
    (error: unknown) => error,
  );
  await sleep(30);
  const began = performance.now();
  controller.abort(reason);
  const outcome = await reading;
  const took = performance.now() - began;
  if (outcome !== reason) throw new Error(`ends with ${String(outcome)}`);
  if (took > mostMilliseconds) throw new Error(`ends ${took.toFixed(0)} ms after the abort`);
}

export const cases: readonly AttackCase[] = [
  ...formats.flatMap(([name, bytes]) =>
    [1, 0.5, 0.03].map((share) => ({
      name: `${share} of ${name}, and silence`,
      run: async () => {
        const whole = bytes();
        await abort(stalling(whole.subarray(0, Math.ceil(share * whole.length))));
      },
    })),
  ),
  ...endless.map(([name, head, piece]) => ({
    name: `${name} without an end`,
    run: () => abort(repeating(head(), piece())),
  })),
].map((one) => ({ ...one, expected: ["read"] }));
