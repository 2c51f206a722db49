/** Cutting: no speech is lost or recognized twice, whatever the sizes of the pieces that arrive. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MODEL_RATE } from "../../src/audio/limits.ts";
import { cutFixed, cutQuiet } from "../../src/longform/cuts.ts";
import type { Cutter } from "../../src/longform/cutter.ts";
import { Samples, windowsOf } from "../../src/longform/windows.ts";
import type { Window } from "../../src/longform/windows.ts";
import { concatenation } from "../helpers/builders/concatenations.ts";
import { normals, uniform } from "../helpers/builders/random.ts";
import { furthest } from "../helpers/builders/speech.ts";

async function* pieces(samples: Float32Array, size: number): AsyncGenerator<Float32Array, string> {
  for (let at = 0; at < samples.length; at += size) yield samples.subarray(at, at + size);
  return "read";
}

async function cutUp(
  samples: Float32Array,
  cutter: Cutter,
  { seconds = 30, size = 4096, from = 0, count = Infinity } = {},
): Promise<Window[]> {
  const source = new Samples(pieces(samples, size), from, count);
  const windows: Window[] = [];
  for await (const window of windowsOf(source, seconds * MODEL_RATE, cutter)) windows.push(window);
  return windows;
}

const bounds = (windows: readonly Window[]): number[][] =>
  windows.map(({ start, samples }) => [start / MODEL_RATE, (start + samples.length) / MODEL_RATE]);

const second = normals(1, MODEL_RATE, 0.1);

/** Noise where there is speech, silence elsewhere; times in seconds. */
function speech(seconds: number, spoken: readonly (readonly [number, number])[], noise = 0): Float32Array {
  const samples = new Float32Array(seconds * MODEL_RATE);
  for (let i = 0; i < samples.length; i++) samples[i] = second[i % MODEL_RATE]! * noise;
  for (const [from, to] of spoken) {
    for (let i = Math.ceil(from * MODEL_RATE); i < to * MODEL_RATE && i < samples.length; i++) {
      samples[i] = second[i % MODEL_RATE]!;
    }
  }
  return samples;
}

const rules = { overlap: 2, pause: 0.8 };

describe("fixed windows", () => {
  it("overlap, as in Fun-ASR-GGUF's example of 300 s", async () => {
    const windows = await cutUp(new Float32Array(300 * MODEL_RATE), cutFixed({ overlap: 4 }), {
      seconds: 60,
    });
    expect(bounds(windows)).toEqual([
      [0, 60],
      [56, 116],
      [112, 172],
      [168, 228],
      [224, 284],
      [280, 300],
    ]);
    expect(windows.map(({ ends }) => ends)).toEqual([...Array.from({ length: 5 }, () => "speech"), "end"]);
  });

  it("end with the recording, when it ends with one", async () => {
    const windows = await cutUp(new Float32Array(20 * MODEL_RATE), cutFixed({ overlap: 0 }), {
      seconds: 10,
    });
    expect(bounds(windows)).toEqual([
      [0, 10],
      [10, 20],
    ]);
  });
});

describe.each([0, 0.03])("quiet places over a background of %f", (noise) => {
  it("are the pauses, a little of which each side keeps", async () => {
    const samples = speech(
      40,
      [
        [1, 4],
        [5, 9],
        [9.5, 12],
        [20, 35],
      ],
      noise,
    );
    const [first, second, third] = bounds(await cutUp(samples, cutQuiet(rules)));
    expect([first, second]).toEqual([
      [0.7, 4.3],
      [4.7, 12.3],
    ]);
    expect(third![0]).toBeCloseTo(19.7, 2);
  });

  it("are gaps between words where there is no pause", async () => {
    const samples = speech(
      40,
      [
        [0, 10],
        [10.3, 22],
        [22.2, 27],
        [27.3, 40],
      ],
      noise,
    );
    const windows = await cutUp(samples, cutQuiet(rules));
    expect(bounds(windows)[0]![1]).toBeCloseTo(27.15, 1);
    expect(windows[0]!.ends).toBe("pause");
    expect(bounds(windows)[1]![0]).toBe(bounds(windows)[0]![1]);
  });
});

it("cuts speech without a gap where it is quietest, with an overlap around that", async () => {
  const samples = normals(2, 40 * MODEL_RATE, 0.1);
  for (let i = 20 * MODEL_RATE; i < 20.2 * MODEL_RATE; i++) samples[i]! /= 2;
  const windows = await cutUp(samples, cutQuiet(rules));
  expect(windows.map(({ ends }) => ends)).toEqual(["speech", "end"]);
  const [[, end], [next]] = bounds(windows) as [number[], number[]];
  expect(end! - next!).toBeCloseTo(2, 5);
  expect((end! + next!) / 2).toBeCloseTo(20.1, 1);
});

it.each([0, 2])(
  "keeps an overlap of %i s whole where it is quietest at the end of a block",
  async (overlap) => {
    const samples = normals(2, 40 * MODEL_RATE, 0.1);
    for (let i = 29.7 * MODEL_RATE; i < 30 * MODEL_RATE; i++) samples[i]! /= 2;
    const [first, second] = bounds(await cutUp(samples, cutQuiet({ ...rules, overlap })));
    expect(first![1]! - second![0]!).toBeCloseTo(overlap, 5);
    expect(first![1]).toBeLessThanOrEqual(30);
  },
);

it("finds no segment in silence, and keeps the times after it", async () => {
  expect(await cutUp(new Float32Array(100 * MODEL_RATE), cutQuiet(rules))).toEqual([]);
  const late = await cutUp(speech(100, [[90, 93]]), cutQuiet(rules));
  expect(bounds(late)).toEqual([[89.7, 93.3]]);
});

it("gives the same windows for any sizes of the pieces", async () => {
  const { samples } = await concatenation(1, { seconds: 45 });
  const whole = bounds(await cutUp(samples, cutQuiet(rules), { size: samples.length }));
  expect(whole.length).toBeGreaterThan(5);
  for (const size of [1_000, 16_001, 65_536]) {
    expect(bounds(await cutUp(samples, cutQuiet(rules), { size }))).toEqual(whole);
  }
});

it("takes the part of a recording that is asked for, at its own times", async () => {
  const samples = speech(60, [[0, 60]]);
  const cutter = cutFixed({ overlap: 0 });
  const some = await cutUp(samples, cutter, { seconds: 10, from: 12 * MODEL_RATE, count: 15 * MODEL_RATE });
  expect(bounds(some)).toEqual([
    [12, 22],
    [22, 27],
  ]);
  expect(furthest(some[0]!.samples, samples.subarray(12 * MODEL_RATE, 22 * MODEL_RATE))).toBe(0);
});

describe("20 random concatenations of clips", () => {
  it.each([30, 8])("lose no word and double none, in windows of %d s", async (seconds) => {
    for (let seed = 0; seed < 20; seed++) {
      const { samples, clips } = await concatenation(seed, { seconds: 40 });
      const windows = await cutUp(samples, cutQuiet(rules), { seconds });
      expect(Math.max(...windows.map((window) => window.samples.length))).toBeLessThanOrEqual(
        seconds * MODEL_RATE,
      );
      for (const { at, utterance, samples: clip } of clips) {
        const sounds = clip.findLastIndex((value) => value !== 0) + 1; // words fade out before they end
        for (const { word, start, end } of utterance.words) {
          const holders = windows.filter(
            (window) =>
              window.start <= at + start * MODEL_RATE &&
              window.start + window.samples.length >= at + Math.min(end * MODEL_RATE, sounds),
          );
          expect(holders, `${seed}: ${utterance.id} ${word}`).toHaveLength(1);
        }
      }
    }
  });
});

describe("digital silence", () => {
  it("separates sound spans, which are cut the same way at any place, to the sample", async () => {
    const { clips } = await concatenation(3, { seconds: 40 });
    const alone = await Promise.all(
      clips.map(async ({ samples }) => cutUp(padded(samples, 40_000, 40_000), cutQuiet(rules))),
    );
    expect(alone.map(({ length }) => length)).not.toContain(0);
    for (let seed = 0; seed < 20; seed++) {
      const next = uniform(seed);
      const order = clips.map((_, i) => i).toSorted(() => next() - 0.5);
      const all = order.map((i) =>
        padded(clips[i]!.samples, 6_400 + 16_000 * next(), 6_400 + 16_000 * next()),
      );
      const windows = await cutUp(joined(all), cutQuiet(rules), { seconds: 8 + 22 * next() });
      const wanted = order.flatMap((i) => alone[i]!);
      expect(windows.map(digest)).toEqual(wanted.map(digest));
    }
  });

  it("is no context where it ends in a background, and stays where it ends in speech", async () => {
    const noisy = joined([new Float32Array(20_000), speech(3, [[0.1, 2.8]], 0.01), new Float32Array(20_000)]);
    expect((await cutUp(noisy, cutQuiet(rules))).map(({ samples }) => samples.length)).toEqual([48_000]);
    const clean = joined([new Float32Array(20_000), speech(3, [[0, 3]]), new Float32Array(20_000)]);
    expect((await cutUp(clean, cutQuiet(rules))).map(({ samples }) => samples.length)).toEqual([57_600]);
  });

  it("leaves out a hum that is quiet compared with the speech", async () => {
    const hum = second.map((value) => value * 0.003);
    const samples = joined([
      padded(hum, 16_000, 16_000),
      padded(second, 16_000, 16_000),
      padded(hum, 16_000, 16_000),
    ]);
    expect(bounds(await cutUp(samples, cutQuiet(rules)))).toEqual([[3.7, 5.3]]);
  });
});

const digest = ({ samples }: Window): string => createHash("sha256").update(samples).digest("hex");

function padded(samples: Float32Array, before: number, after: number): Float32Array {
  const all = new Float32Array(Math.floor(before) + samples.length + Math.floor(after));
  all.set(samples, Math.floor(before));
  return all;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

it("covers every loud sample once where nothing overlaps", async () => {
  const spans = fc.array(fc.tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 30 })), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(fc.noShrink(spans), async (lengths) => {
      let at = 0; // seconds, from tenths
      const spoken = lengths.map(([length, gap]): [number, number] => [
        at,
        (at += (length + gap) / 10) - gap / 10,
      ]);
      const samples = speech(Math.ceil(at), spoken);
      const windows = await cutUp(samples, cutQuiet({ overlap: 0, pause: 0.8 }), { seconds: 10 });
      const covered = new Uint8Array(samples.length);
      for (const { start, samples: own } of windows) {
        for (let i = start; i < start + own.length; i++) covered[i]!++;
      }
      expect(covered.every((times) => times <= 1)).toBe(true);
      expect(samples.every((value, i) => Math.abs(value) < 0.05 || covered[i] === 1)).toBe(true);
    }),
    { numRuns: 10 },
  );
});
