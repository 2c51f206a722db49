/** Recordings at a low level, or beside an offset, have the text of the recording at its normal level. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

let model: Transcriber;
beforeAll(async () => {
  model = await load(fixture("../models/demo/fun-asr-demo-q8_0.gguf"));
});
afterAll(() => model.dispose());

it.each(["zh-weather", "en-travel"])("%s at −60 and −80 dB, in floating point", async (name) => {
  const { samples } = await loadAudio(fixture(`audio/demo/${name}.wav`));
  const { text } = await model.transcribe(samples);
  expect(text.length).toBeGreaterThan(10);
  for (const level of [1e-3, 1e-4]) {
    for (const offset of [0, 0.05]) {
      const quiet = samples.map((value) => value * level + offset);
      expect((await model.transcribe(quiet)).text).toBe(text);
    }
  }
});

it("an offset alone has no text", async () => {
  const { text, tokens } = await model.transcribe(new Float32Array(32_000).fill(0.05));
  expect([text, tokens.length]).toEqual(["", 0]);
});
