/** What a recorder adds below speech, and the level of the whole, do not move the cuts. */
import { beforeAll, describe, expect, it } from "vitest";
import { MODEL_RATE } from "../../src/audio/limits.ts";
import { cutQuiet } from "../../src/longform/cuts.ts";
import { isSilent } from "../../src/longform/loudness.ts";
import { Samples, windowsOf } from "../../src/longform/windows.ts";
import { detectSpeech } from "../../src/index.ts";
import { concatenation } from "../helpers/builders/concatenations.ts";
import { normals } from "../helpers/builders/random.ts";
import { clipped, recorded, talk } from "../helpers/builders/talk.ts";

/** The bounds of all windows, in samples. */
async function cutsOf(samples: Float32Array, seconds = 30): Promise<number[][]> {
  async function* pieces(): AsyncGenerator<Float32Array, string> {
    for (let at = 0; at < samples.length; at += 5000) yield samples.subarray(at, at + 5000);
    return "read";
  }
  const cuts: number[][] = [];
  const cutter = cutQuiet({ overlap: 2, pause: 0.8 });
  for await (const { start, samples: own } of windowsOf(new Samples(pieces()), seconds * MODEL_RATE, cutter))
    cuts.push([start, start + own.length]);
  return cuts;
}

/** Frames of 10 ms by which the bounds of two lists differ at most. */
function apart(some: readonly number[][], others: readonly number[][]): number {
  expect(some.length).toBe(others.length);
  return Math.max(
    ...some.flatMap((pair, i) => pair.map((bound, k) => Math.abs(bound - others[i]![k]!) / 160)),
  );
}

const percent = (value: number): number => Math.round(327.68 * value);
const sine = (hertz: number, second: number): number => Math.sin(2 * Math.PI * hertz * second);

let clean: Float32Array;
let cuts: number[][];
beforeAll(async () => {
  clean = (await talk(1, { seconds: 100 })).samples;
  cuts = await cutsOf(clean);
});

describe("the cuts of a talk", () => {
  it("are at its pauses", () => expect(cuts.length).toBeGreaterThan(12));

  it.each([0.5, 2, 5, -2])("are the same with an offset of %f percent", async (offset) => {
    const samples = recorded(clean, () => percent(offset));
    expect(await cutsOf(samples)).toEqual(cuts);
    expect(await cutsOf(samples, 12)).toEqual(await cutsOf(clean, 12));
    const spans = async (of: Float32Array): Promise<object> => detectSpeech(of);
    expect(await spans(samples)).toEqual(await spans(clean));
  });

  it.each([
    ["a drift", (second: number) => percent(5) * sine(0.03, second)],
    ["a step in a pause", (second: number) => (second < 0 ? 0 : percent(3))],
    ["rumble at 7 Hz", (second: number) => percent(5) * sine(7, second)],
    ["rumble at 18 Hz", (second: number) => percent(2) * sine(18, second)],
  ])("are the same within 20 ms with %s", async (name, added) => {
    const middle = ((cuts[5]![1]! + cuts[6]![0]!) / 2 + 53) / MODEL_RATE; // within a frame
    const shift = name.includes("step") ? middle : 0;
    expect(apart(await cutsOf(recorded(clean, (second) => added(second - shift))), cuts)).toBeLessThanOrEqual(
      2,
    );
  });

  it("are the same within 20 ms where an offset drives the recorder into clipping", async () => {
    const loud = clean.map((value) => value * 2);
    const samples = clipped(recorded(loud, () => percent(5)));
    expect(samples.some((value) => value === 32_767 / 32_768)).toBe(true);
    expect(apart(await cutsOf(samples), await cutsOf(loud))).toBeLessThanOrEqual(2);
  });

  it.each([-20, -60, -80])("are the same at %d dB in floating point", async (level) => {
    const quiet = clean.map((value) => value * 10 ** (level / 20));
    expect(await cutsOf(quiet)).toEqual(cuts);
    expect(await cutsOf(quiet.map((value) => value + 0.02))).toHaveLength(cuts.length);
  });

  it("are those at digital silence, whatever its value", async () => {
    const { samples } = await concatenation(2, { seconds: 60 });
    const wanted = await cutsOf(samples);
    expect(await cutsOf(recorded(samples, () => percent(2)))).toEqual(wanted);
    expect(apart(await cutsOf(samples.map((value) => value * 1e-4)), wanted)).toBeLessThanOrEqual(1);
    const drifting = recorded(samples, (second) => 0.5 * second);
    expect(apart(await cutsOf(drifting), wanted)).toBeLessThanOrEqual(2);
  });
});

describe("silence", () => {
  const second = new Float32Array(MODEL_RATE);
  it.each([
    ["digital", second],
    ["with an offset", second.map(() => 0.05)],
    ["with a step", second.map((_, i) => (i < 7777 ? 0 : 0.05))],
    ["with rumble", second.map((_, i) => 0.05 * sine(9, i / MODEL_RATE))],
    ["of a converter", normals(1, MODEL_RATE, 1 / 32_768)],
    ["of a converter with an offset", normals(1, MODEL_RATE, 1 / 32_768).map((value) => value + 0.02)],
    ["in which one sample is wrong", second.map((_, i) => (i === 5000 ? 1e-3 : 0))],
  ])("%s is silence", async (_, samples) => {
    expect(isSilent(samples)).toBe(true);
    expect(await cutsOf(samples)).toEqual([]);
  });

  it("is not a clean recording at a low level, nor a quiet one after which louder speech comes", () => {
    const clip = clean.subarray(0, 4 * MODEL_RATE);
    for (const level of [1, 1e-3, 1e-4]) {
      expect(isSilent(clip.map((value) => value * level))).toBe(false);
      expect(isSilent(clip.map((value) => value * level + 0.01))).toBe(false);
    }
  });

  it("is a faint voice after a loud one, which alone is speech", async () => {
    const samples = new Float32Array(100 * MODEL_RATE);
    const clip = clean.subarray(0, 4 * MODEL_RATE);
    samples.set(clip, MODEL_RATE);
    samples.set(
      clip.map((value) => value * 1e-3),
      60 * MODEL_RATE,
    );
    const all = await cutsOf(samples, 10);
    expect(all.length).toBeGreaterThan(0);
    expect(all.at(-1)![1]).toBeLessThan(6 * MODEL_RATE);
    samples.fill(0, 0, 50 * MODEL_RATE);
    expect((await cutsOf(samples, 10)).length).toBeGreaterThan(0);
  });
});
