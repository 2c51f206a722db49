/**
 * No reader keeps the thread for more than 20 ms of its own time between two turns of the event loop. The time is that of
 * the processor, which other programs do not lengthen; Node counts it for one thread since version 23.9. What does not
 * depend on the machine is counted in held-loop.test.ts.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { openArchive } from "../../src/diff/archives/index.ts";
import { load } from "../../src/node.ts";
import { join } from "../helpers/builders/wav.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
const MOST_MS = 20;

/** Milliseconds of the processor that this thread had. */
function used(): number {
  const { user, system } = threadCpuUsage!.call(process);
  return (user + system) / 1000;
}

/** The longest time between two turns, in the best of three runs: a reader that keeps the thread does so in each. */
async function lagOf(work: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let run = 0; run < 3; run++) {
    let last = used();
    let worst = 0;
    let running = true;
    const turn = (): void => {
      const now = used();
      worst = Math.max(worst, now - last);
      last = now;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    await work();
    running = false;
    best = Math.min(best, Math.max(worst, used() - last));
  }
  return best;
}

const size = 2 ** 22;
const paddings: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(0),
  zeros: new Uint8Array(size),
  letters: new Uint8Array(size).fill(0x78),
  "sync bytes": new Uint8Array(size).fill(0xff),
  "letters of tags": new Uint8Array(size).fill(0x54),
  noise: Uint8Array.from({ length: size }, (_, i) => (Math.imul(i, 0x9e37_79b1) >>> 13) & 255),
};
const files =
  "mono-16.flac stereo-24.flac mono.mp3 mono.ogg mono.opus opus.m4a opus.webm ../../../fixtures/audio/tiny.wav".split(
    " ",
  );

describe.runIf(threadCpuUsage !== undefined)("the thread is free while", () => {
  it.each(files)(
    "%s is read, with anything behind it",
    async (name) => {
      const file = new Uint8Array(readFileSync(fixture(`../test/audio/compressed/${name}`)));
      for (const [what, padding] of Object.entries(paddings)) {
        const whole = join(file, padding);
        expect(await lagOf(() => loadAudio(whole, { ffmpeg: false })), what).toBeLessThan(MOST_MS);
      }
    },
    120_000,
  );

  it.each(["tiny/fun-asr-nano/fun-asr-nano-bf16.gguf", "tiny/paraformer", "tiny/sensevoice"])(
    "%s is opened",
    async (name) => {
      const open = async (): Promise<void> => (await load(fixture(name), { backend: "cpu" })).dispose();
      expect(await lagOf(open)).toBeLessThan(MOST_MS);
    },
    60_000,
  );

  it.each(["archives/python/stages.npz", "reference/fun-asr-nano.safetensors"])(
    "%s is read",
    async (name) => {
      const read = async (): Promise<void> => {
        await using archive = await openArchive(fixture(name));
        for (const stage of archive.stages.keys()) await archive.read(stage);
      };
      expect(await lagOf(read)).toBeLessThan(MOST_MS);
    },
  );
});
