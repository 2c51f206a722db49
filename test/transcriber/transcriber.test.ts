/** The public API: inputs, what comes out, what is freed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { normals } from "../helpers/builders/random.ts";
import { tinyNanoFile } from "../helpers/builders/tiny-nano-file.ts";
import * as api from "../../src/index.ts";
import { load } from "../../src/index.ts";
import type { Progress, Transcriber } from "../../src/index.ts";
import { planFrontend, defaultFrontend } from "../../src/frontend/frontend.ts";
import { loadAudio } from "../../src/audio/container.ts";
import { audioRows } from "../../src/models/fun-asr-nano/fun-asr-nano.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import packageJson from "../../package.json" with { type: "json" };
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Activation } from "../../src/lab.ts";
import { capture } from "../../src/lab.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

let transcriber: Transcriber;
beforeAll(async () => {
  transcriber = await load(model, { backend: "cpu" });
});
afterAll(() => transcriber.dispose());

describe("frame arithmetic (specification 0.4)", () => {
  it.each([
    [0.5, 8, 1],
    [1, 17, 3],
    [5, 83, 11],
    [10, 167, 21],
    [11, 183, 23],
    [15, 250, 32],
    [30, 500, 63],
    [60, 1000, 125],
  ])("%s s of audio are %i rows, and the language model gets %i", (seconds, rows, audioTokens) => {
    expect(planFrontend(defaultFrontend).rows(seconds * 16_000)).toBe(rows);
    expect(audioRows(rows, true)).toBe(audioTokens);
  });
});

describe("inputs", () => {
  const options = { maxNewTokens: 3 };

  it("gives the same text for a file, samples and 16-bit integers", async () => {
    const { samples } = await loadAudio(clip);
    const { tokens } = await transcriber.transcribe(clip, options);
    const integers = Int16Array.from(samples, (x) => Math.round(x * 32_768));
    for (const input of [samples, integers, { samples, sampleRate: 16_000 }]) {
      expect((await transcriber.transcribe(input, options)).tokens).toEqual(tokens);
    }
  });

  it("takes ready features", async () => {
    const stages = await capture(transcriber, clip, { ...options, capture: ["lfr"] });
    expect(stages.map(({ name }) => name)).toEqual(["lfr"]);
    const [{ values, shape }] = stages as [Activation];
    const features = { values, rows: shape[0]!, cols: shape[1]! };
    const fromFeatures = await transcriber.transcribe({ features }, options);
    expect(fromFeatures.tokens).toEqual((await transcriber.transcribe(clip, options)).tokens);
    expect(fromFeatures.duration).toBeUndefined();
  });

  async function* texts(): AsyncGenerator<string> {
    yield "RIFF";
  }

  it.each([
    ["nothing", null],
    ["a number", 5],
    ["no features", { features: undefined }],
    ["features without values", { features: { rows: 1, cols: 560 } }],
    ["a stream of texts", { [Symbol.asyncIterator]: texts }],
  ])("refuses %s as audio", async (_, input) => {
    const refused = expect.objectContaining({
      code: "bad_option",
      message: expect.stringContaining("wanted"),
    });
    await expect(transcriber.transcribe(input as never)).rejects.toEqual(refused);
    await expect(transcriber.ctc(input as never)).rejects.toEqual(refused);
  });

  it.each([
    { decoder: "CTC" },
    { timestamps: "yes" },
    { silenceGate: "on" },
    { lowFrameRate: 8 },
    { cmvn: true },
    { itn: "no" },
    { logprobs: 1 },
    { language: 5 },
    { context: ["a"] },
    { maxNewTokens: 0 },
    { maxNewTokens: 1.5 },
    { maxNewTokens: Number.NaN },
  ])("refuses %o, which no option has", async (options) => {
    const [name] = Object.keys(options) as [string];
    await expect(transcriber.transcribe(clip, options as never)).rejects.toMatchObject({
      code: "bad_option",
      where: name,
      message: expect.stringMatching(/; wanted /u),
    });
  });

  it.each([
    ["ten milliseconds", new Float32Array(160), "audio_too_short"],
    ["nothing", new Float32Array(0), "audio_empty"],
    [
      "features of the wrong width",
      { features: { values: new Float32Array(80), rows: 1, cols: 80 } },
      "bad_option",
    ],
    [
      "features that are no numbers",
      { features: { values: new Float32Array(560).fill(NaN), rows: 1, cols: 560 } },
      "non_finite",
    ],
  ])("refuses %s", async (_, input, code) => {
    await expect(transcriber.transcribe(input)).rejects.toMatchObject({ code, name: /Error$/u });
  });
});

describe("running", () => {
  it("reports every step, in order", async () => {
    const seen: Progress["stage"][] = [];
    const onProgress = ({ stage }: Progress): void => void (seen.at(-1) === stage || seen.push(stage));
    const texts: string[] = [];
    const onToken = (text: string): void => void texts.push(text);
    const result = await transcriber.transcribe(clip, {
      timestamps: "token",
      maxNewTokens: 20,
      onProgress,
      onToken,
    });
    expect(seen).toEqual(["encode", "ctc", "prefill", "generate"]);
    expect(texts.join("")).toBe(result.text);
    expect(texts.every((text) => !text.includes("\uFFFD") || result.text.includes("\uFFFD"))).toBe(true);
  });

  it.each([1, 3, 7, 9])(
    "stops at an abort after %i turns, frees everything, and can go on",
    async (turns) => {
      const before = liveTensors();
      const controller = new AbortController();
      let count = 0;
      const onProgress = (): void => void (++count === turns && controller.abort());
      const work = transcriber.transcribe(clip, { signal: controller.signal, onProgress });
      await expect(work).rejects.toHaveProperty("name", "AbortError");
      expect(count).toBe(turns);
      expect(liveTensors()).toBe(before);
      expect((await transcriber.transcribe(clip, { maxNewTokens: 1 })).tokens).toHaveLength(1);
    },
  );

  it("leaks nothing over 100 runs", async () => {
    const features = { values: normals(3, 5 * 560), rows: 5, cols: 560 };
    const before = liveTensors();
    for (let run = 0; run < 100; run++) {
      await transcriber.transcribe(
        { features },
        { maxNewTokens: 2, timestamps: run % 10 === 0 ? "token" : "none" },
      );
    }
    expect(liveTensors()).toBe(before);
  });

  it("lets calls overlap, each with its own result", async () => {
    const lengths = [1, 2, 3, 4];
    const results = await Promise.all(lengths.map((n) => transcriber.transcribe(clip, { maxNewTokens: n })));
    expect(results.map(({ tokens }) => tokens.length)).toEqual(lengths);
  });
});

describe("loading", () => {
  it("frees all memory when disposed, and refuses calls afterwards", async () => {
    const before = liveTensors();
    const second = await load(model, { backend: "cpu" });
    expect(liveTensors()).toBeGreaterThan(before);
    second.dispose();
    second.dispose();
    expect(liveTensors()).toBe(before);
    await expect(second.transcribe(clip)).rejects.toMatchObject({ code: "disposed" });
  });

  it("can be aborted, and leaves nothing", async () => {
    const before = liveTensors();
    const controller = new AbortController();
    const onProgress = ({ done, total }: Progress): void => void (done > total / 2 && controller.abort());
    await expect(
      load(model, { backend: "cpu", signal: controller.signal, onProgress }),
    ).rejects.toHaveProperty("name", "AbortError");
    expect(liveTensors()).toBe(before);
  });

  it.each([{ backend: "abacus" }, { threads: 0 }, { threads: Number.NaN }])("refuses %o", async (options) => {
    const [where] = Object.keys(options);
    const refused = { code: "bad_option", where, message: expect.stringMatching(/; wanted /u) };
    await expect(load(model, options as never)).rejects.toMatchObject(refused);
  });

  it("reads the abilities of the model from the file", async () => {
    expect(transcriber.info).toMatchObject({
      architecture: "fun-asr-nano",
      backend: "cpu",
      ctc: true,
      times: true,
    });
    const folder = await mkdtemp(join(tmpdir(), "fun-asr-"));
    const path = join(folder, "no-ctc.gguf");
    await tinyNanoFile(path, (name) => !name.startsWith("ctc"));
    using without = await load(path, { backend: "cpu" });
    expect(without.info).toMatchObject({ ctc: false, times: false });
    using paraformer = await load(fixture("tiny/paraformer/paraformer-bf16.gguf"), { backend: "cpu" });
    expect(paraformer.info).toMatchObject({ ctc: false, times: true });
    await expect(without.transcribe(clip, { decoder: "ctc" })).rejects.toMatchObject({
      code: "ctc_unavailable",
    });
    expect((await without.transcribe(clip, { maxNewTokens: 3 })).tokens).toHaveLength(3);
    await rm(folder, { recursive: true });
  });
});

it("has one version", () => {
  expect(api.version).toBe(packageJson.version);
});
