/** Samples that are finite, and whose weighted sums are not. */
import { expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { float32, wav } from "../helpers/builders/wav.ts";

/** A square wave, which overshoots when it is resampled. */
const loud = Array.from({ length: 800 }, (_, i) => (i % 16 < 8 ? 3.4e38 : -3.4e38));

it("are refused when they are resampled", async () => {
  const file = wav(float32(...loud), { tag: 3, bits: 32, rate: 15_999 });
  await expect(loadAudio(file)).rejects.toMatchObject({
    code: "non_finite",
    message: expect.stringMatching(/at 16000 Hz: sample \d+ is -?Infinity/u),
  });
});

it("are read at the models' rate", async () => {
  const { samples } = await loadAudio(wav(float32(...loud), { tag: 3, bits: 32 }));
  expect(samples).toEqual(Float32Array.from(loud));
});
