/** Text that was not spoken: the CTC draft always shows it, unless the branch is off. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/node.ts";
import type { Transcriber } from "../../src/node.ts";
import { disagreement } from "../../src/recognizers/shared.ts";
import { reversed, soundsOf, withNoise } from "../../tools/eval/sounds.ts";
import { clipSamples } from "../helpers/builders/joined-clips.ts";
import { wav } from "../helpers/builders/wav.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const file = "models/demo/fun-asr-demo-q8_0.gguf";

describe("a text that was not spoken", () => {
  let model: Transcriber;
  beforeAll(async () => {
    model = await load(file);
  });
  afterAll(() => model.dispose());
  const doubts = async (samples: Float32Array, options = {}) => {
    const { text, warnings, agreement, ctcText } = await model.transcribe(samples, options);
    return { text, codes: warnings.map(({ code }) => code), agreement, ctcText };
  };

  // Most such sounds have no text; these have one.
  it.each([
    ["chirps", 1],
    ["chirps", 7],
    ["chirps", 8],
    ["chirps", 11],
    ["chords", 1],
  ])("is in doubt where the sounds are %s (%i)", async (kind, seed) => {
    const { text, codes } = await doubts(soundsOf(seed).get(kind)!);
    expect(text.trim()).not.toBe("");
    expect(codes).toEqual(["disagreement"]);
  });

  it.each(["zh-weather", "zh-news", "en-travel", "en-shopping"])(
    "is in doubt where %s is no language or only noise, and not where it is clear",
    async (name) => {
      const clip = clipSamples(name);
      expect((await doubts(clip)).codes).toEqual([]);
      expect((await doubts(reversed(clip))).codes).toContain("disagreement");
      const noisy = await doubts(withNoise(clip, 15, 1));
      if (noisy.text.trim() !== "") expect(noisy.codes).toContain("disagreement");
    },
  );

  it("is not looked for where the CTC branch is off, and nothing needs it", async () => {
    const clip = reversed(clipSamples("en-travel"));
    const off = await doubts(clip, { ctc: "off" });
    expect(off).toMatchObject({ codes: [], agreement: undefined, ctcText: undefined });
    const { text, agreement } = await doubts(clip);
    expect({ text, low: agreement! < 0.5 }).toEqual({ text: off.text, low: true });
    expect((await doubts(clip, { ctc: "off", timestamps: "word" })).agreement).toBe(agreement);
    expect((await doubts(clip, { ctc: "off", hotwords: ["Reid"] })).ctcText).toBeUndefined();
  });

  it("is refused by --strict", async () => {
    const path = join(await temporaryFolder(), "reversed.wav");
    const samples = Int16Array.from(reversed(clipSamples("en-travel")), (value) =>
      Math.round(32_767 * value),
    );
    await writeFile(path, wav(new Uint8Array(samples.buffer)));
    const run = await cli("-m", file, "-np", "-f", path, "--strict");
    expect(run).toMatchObject({ exitCode: 6, results: [] });
    expect((await cli("-m", file, "-np", "-f", path, "--strict", "--ctc-branch", "off")).exitCode).toBe(0);
    const clear = "fixtures/audio/demo/en-travel.wav";
    expect((await cli("-m", file, "-np", "-f", clear, "--strict")).exitCode).toBe(0);
  });
});

it("is in doubt where the draft is empty", () => {
  expect(disagreement("", 0)).toMatchObject([
    { code: "disagreement", message: expect.stringContaining("no speech") },
  ]);
  expect(disagreement("a text", 0.49)).toMatchObject([{ message: expect.stringContaining("49 %") }]);
  expect(disagreement("a text", 0.5)).toEqual([]);
  expect(disagreement("", 1)).toEqual([]); // both are empty
  expect(disagreement(undefined, undefined)).toEqual([]);
});
