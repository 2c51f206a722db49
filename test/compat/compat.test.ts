/** The ways of sherpa-onnx and Fun-ASR-GGUF, over the same model. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/index.ts";
import { createAsrEngine, createStream, decodeStream } from "../../src/compat/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const file = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

describe("sherpa's streams", () => {
  let model: Transcriber;
  beforeAll(async () => {
    model = await load(file);
  });
  afterAll(() => model.dispose());

  it("give what transcribe gives, with starts and durations", async () => {
    const samples = tinySamples();
    const stream = createStream();
    expect(stream.result.text).toBe("");
    for (let at = 0; at < samples.length; at += 1000)
      stream.acceptWaveform(16_000, samples.subarray(at, at + 1000));
    stream.inputFinished();
    await decodeStream(model, stream, { decoder: "ctc" });
    const { text, characters } = await model.transcribe(clip, { decoder: "ctc", timestamps: "word" });
    expect(stream.result).toEqual({
      text,
      tokens: characters!.map((unit) => unit.text),
      timestamps: characters!.map(({ start }) => start),
      durations: characters!.map(({ start, end }) => end - start),
    });
  });

  it("resample, and can be decoded before they are finished", async () => {
    const stream = createStream();
    const samples = new Float32Array(48_000).map((_, i) => Math.sin(i / 7) / 4);
    stream.acceptWaveform({ sampleRate: 48_000, samples });
    const early = stream.samples().length;
    stream.inputFinished();
    stream.inputFinished();
    expect(stream.samples().length).toBe(16_000);
    expect(early).toBeGreaterThan(15_900);
    await decodeStream(model, stream, { decoder: "ctc" });
  });

  it("may be empty", async () => {
    const stream = createStream();
    await decodeStream(model, stream);
    expect(stream.result.text).toBe("");
  });

  it("refuse wrong samples", () => {
    const stream = createStream();
    const accept = (rate: number, samples: unknown) => () =>
      stream.acceptWaveform(rate, samples as Float32Array);
    expect(accept(16_000, [0.1])).toThrow(/no Float32Array/u);
    expect(accept(1, tinySamples())).toThrow(/sample rate/u);
    expect(accept(16_000, Float32Array.of(NaN))).toThrow(/sample 0 is NaN/u);
    accept(16_000, tinySamples())();
    expect(accept(8000, tinySamples())).toThrow(/8000 Hz after 16000 Hz/u);
    stream.inputFinished();
    expect(accept(16_000, tinySamples())).toThrow(/after inputFinished/u);
  });
});

describe("Fun-ASR-GGUF's engine", () => {
  it("initializes, transcribes with its own option names, and cleans up", async () => {
    const folder = await temporaryFolder();
    const [audio, list] = [join(folder, "clip.wav"), join(folder, "hot.txt")];
    await copyFile(clip, audio);
    await writeFile(list, "# names\n督工\n");
    const before = liveTensors();
    const engine = createAsrEngine({ model: file, hotwords_path: list, threads: 1 });
    await expect(engine.transcribe(audio)).rejects.toMatchObject({ code: "bad_option" });
    await engine.initialize();
    await engine.initialize();
    const result = await engine.transcribe(audio, { srt: true, context: "x", segment_size: 30, overlap: 4 });
    expect(result.segments.map(({ char }) => char).join("")).toBe(result.text.trim());
    expect(result.stats.generatedTokens).toBeGreaterThan(0);
    expect(result.hotwords).toEqual([]);
    expect(await readFile(join(folder, "clip.srt"), "utf8")).toContain("-->");
    engine.cleanup();
    expect(liveTensors()).toBe(before);
  });

  it("requires a model", async () => {
    await expect(createAsrEngine({}).initialize()).rejects.toMatchObject({ code: "bad_option" });
    const missing = createAsrEngine({ encoder_onnx_path: "absent.onnx" });
    await expect(missing.initialize()).rejects.toMatchObject({ code: "file_not_found" });
  });
});
