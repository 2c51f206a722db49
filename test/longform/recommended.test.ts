/** What a model's file recommends is the default of its cuts; recordings of one window are cut by it, too. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { Settings } from "../../src/configs/settings.ts";
import { load } from "../../src/index.ts";
import type { ChunkOptions, Transcriber } from "../../src/index.ts";
import { planChunks } from "../../src/longform/plan.ts";
import type { ChunkPlan } from "../../src/longform/plan.ts";
import { readRecommended } from "../../src/longform/recommended.ts";
import type { RecommendedCuts } from "../../src/longform/recommended.ts";
import { concatenation } from "../helpers/builders/concatenations.ts";
import type { Concatenation } from "../helpers/builders/concatenations.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

describe("the keys of a file", () => {
  const read = (keys: object): RecommendedCuts =>
    readRecommended(new Settings("file", new Map(Object.entries(keys))));

  it("are seconds, each of which may be absent", () => {
    expect(read({ window: 20, pause: Math.fround(0.4), overlap: 2 })).toEqual({
      window: 20,
      pause: 0.4,
      overlap: 2,
    });
    expect(read({})).toEqual({ window: undefined, pause: undefined, overlap: undefined });
  });

  it.each([{ window: 0.5 }, { window: "20" }, { pause: 0 }, { pause: NaN }, { window: 10, overlap: 6 }])(
    "are refused as %j",
    (keys) => {
      expect(() => read(keys)).toThrow(expect.objectContaining({ code: "bad_metadata" }) as Error);
    },
  );
});

describe("the plan", () => {
  const draft = async (): Promise<[]> => [];
  const plan = (recommended: RecommendedCuts | undefined, chunk?: ChunkOptions): ChunkPlan =>
    planChunks({ chunk }, { hasTimes: true, draft, recommended })!;

  it("is that of the originals without a recommendation", () => {
    expect(plan(undefined)).toMatchObject({ windowSamples: 480_000, pauseSamples: 12_800, cutsShort: false });
    expect(plan({ window: 20 })).toMatchObject({ windowSamples: 320_000, cutsShort: false });
  });

  it("is what is recommended, unless an option says otherwise", () => {
    const recommended = { window: 20, pause: 0.4, overlap: 3 };
    expect(plan(recommended)).toMatchObject({ windowSamples: 320_000, pauseSamples: 6400, cutsShort: true });
    expect(plan(recommended, { seconds: 10, pause: 1 })).toMatchObject({
      windowSamples: 160_000,
      pauseSamples: 16_000,
      cutsShort: true,
    });
    expect(plan(undefined, { pause: 1 }).cutsShort).toBe(true);
    expect(plan(undefined, { seconds: 10 }).cutsShort).toBe(false);
  });
});

describe("the demo model", () => {
  let model: Transcriber;
  let short: Concatenation;
  beforeAll(async () => {
    model = await load(fixture("../models/demo/fun-asr-demo-q8_0.gguf"));
    short = await concatenation(4, { seconds: 10, least: 0.7, most: 0.9 });
  });
  afterAll(() => model.dispose());

  it("has a segment for each sentence of a short recording, at its place", async () => {
    const { samples, clips } = short;
    expect(samples.length).toBeLessThan(20 * 16_000);
    const { segments, duration } = await model.transcribe(samples, { decoder: "ctc" });
    expect(segments).toHaveLength(clips.length);
    expect(duration).toBe(samples.length / 16_000);
    for (const [i, { at, samples: own }] of clips.entries()) {
      expect(segments[i]!.start).toBeGreaterThanOrEqual(at / 16_000 - 0.5);
      expect(segments[i]!.end).toBeLessThanOrEqual((at + own.length) / 16_000 + 0.5);
    }
    expect((await model.transcribe(samples, { decoder: "ctc", chunk: "off" })).segments).toHaveLength(1);
  });

  it("reads a sentence alone as it is, and leaves out long silence around it", async () => {
    const [{ samples }] = short.clips as [Concatenation["clips"][0]];
    const alone = await model.transcribe(samples);
    const whole = await model.transcribe(samples, { chunk: "off" });
    expect([alone.text, alone.tokens, alone.counts]).toEqual([whole.text, whole.tokens, whole.counts]);
    const padded = new Float32Array(samples.length + 20 * 16_000);
    padded.set(samples, 10 * 16_000);
    const { segments, counts } = await model.transcribe(padded);
    expect(segments.map(({ text }) => text)).toEqual([whole.text]);
    expect(Math.floor(segments[0]!.start)).toBeGreaterThanOrEqual(9);
    expect(counts.audioTokens).toBeLessThan(whole.counts.audioTokens + 10);
  });
});

it("a model without keys takes a short recording as one window", async () => {
  const { samples } = await concatenation(4, { seconds: 6 });
  await using checkpoint = await openCheckpoint(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
  const windows = async (keys: [string, number][]): Promise<number> => {
    const metadata = new Map([...checkpoint.metadata, ...keys]);
    using model = await load({ ...checkpoint, metadata, [Symbol.asyncDispose]: async () => {} });
    const parts = new Set<number | undefined>();
    const onProgress = ({ segment }: { readonly segment?: number }): void => void parts.add(segment);
    await model.transcribe(samples, { maxNewTokens: 2, onProgress });
    return parts.size;
  };
  expect(await windows([])).toBe(1);
  expect(await windows([["fun-asr.recommended.pause", 0.4]])).toBeGreaterThan(1);
});
