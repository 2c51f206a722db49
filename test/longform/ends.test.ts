/** Results whose texts go on to the end of their audio, or beyond it: no time is later than the audio. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import type { TextTimes } from "../../src/recognizers/result.ts";
import { concatenation } from "../helpers/builders/concatenations.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

let model: Transcriber;
let samples: Float32Array;
beforeAll(async () => {
  model = await load(fixture("../models/demo/fun-asr-demo-q8_0.gguf"));
  samples = (await concatenation(3, { seconds: 9 })).samples;
});
afterAll(() => model.dispose());

function expectWithin({ characters = [], words = [], tokenTimes = [] }: TextTimes, end: number): void {
  for (const units of [characters, words, tokenTimes]) {
    for (const [i, unit] of units.entries()) {
      expect(unit.end).toBeGreaterThan(unit.start);
      expect(unit.end).toBeLessThanOrEqual(end);
      expect(units[i + 1]?.start ?? Infinity).toBeGreaterThanOrEqual(unit.end);
    }
  }
}

describe("the end of the audio", () => {
  it.each([
    ["ctc-forced", `大家好${"!".repeat(30)}`],
    ["text", `大家好${"!".repeat(30)}`],
    ["text", "好".repeat(400)],
  ] as const)("bounds %s of a given text", async (method, text) => {
    for (const count of [46_080, 20_001]) {
      const part = samples.slice(0, count);
      const aligned = await model.align(part, text, { method });
      expect(aligned.characters.map((unit) => unit.text).join("")).toBe(text);
      expectWithin(aligned, count / 16_000);
    }
  });

  it("bounds a text with an offset into what follows", async () => {
    const aligned = await model.align(samples.slice(0, 48_000), "大家好。", { offset: 5 });
    expectWithin(aligned, 3);
  });

  it("bounds every window and segment, wherever they begin", async () => {
    for (const start of [0, 17 / 16_000, 3.00025]) {
      const options = { decoder: "ctc", timestamps: "word", start, align: { offset: 2 } } as const;
      for (const chunk of [{ seconds: 30 }, { seconds: 3, cut: "fixed" }] as const) {
        const result = await model.transcribe(samples, { ...options, chunk });
        for (const segment of result.segments) {
          expectWithin(segment, result.duration!);
          expect(segment.end).toBeLessThanOrEqual(result.duration!);
        }
      }
    }
  });

  it("bounds the labels of the CTC branch", async () => {
    const { labels } = await model.ctc(samples.slice(0, 16_100));
    for (const { end } of labels) expect(end).toBeLessThanOrEqual(16_100 / 16_000);
  });
});
