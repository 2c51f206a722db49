/** Several channels to one: the mean, except where it is silence though the channels are not. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAudio, streamAudio } from "../../src/audio/container.ts";
import { planMixer } from "../../src/audio/mix.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { normals } from "../helpers/builders/random.ts";
import { join, wav } from "../helpers/builders/wav.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const RATE = 16_000;
let speech: Float32Array;
beforeAll(async () => {
  speech = (await loadAudio(fixture("audio/demo/en-travel.wav"))).samples;
});

/** A WAV file of these channels, 16-bit unless `float`. */
function fileOf(channels: readonly Float32Array[], { float = false, rate = RATE } = {}): Uint8Array {
  const frames = Array.from(channels[0]!, (_, i) => channels.map((channel) => channel[i]!)).flat();
  const values = float ? Float32Array.from(frames) : Int16Array.from(frames, (value) => value * 32_768);
  const data = new Uint8Array(values.buffer);
  return wav(data, { channels: channels.length, rate, ...(float ? { tag: 3, bits: 32 } : {}) });
}

const negative = (samples: Float32Array): Float32Array => samples.map((value) => -value);

describe("channels in antiphase", () => {
  it.each([1, 0.95])("give the first one, at the factor %f", async (factor) => {
    const { samples, antiphase } = await loadAudio(
      fileOf([speech, speech.map((value) => -factor * value)], { float: true }),
    );
    expect(samples).toEqual(speech);
    expect(antiphase).toBeCloseTo(speech.length / RATE, 6);
  });

  it("give it beside an offset of one channel, too", async () => {
    const { samples } = await loadAudio(
      fileOf([speech.map((value) => value + 0.02), negative(speech)], { float: true }),
    );
    expect(samples).toEqual(speech.map((value) => value + 0.02));
  });

  it("give it in the part of the file where they are, in any pieces", async () => {
    const second = Float32Array.from([...speech, ...negative(speech)]);
    const first = Float32Array.from([...speech, ...speech]);
    const file = fileOf([first, second]);
    const { samples, antiphase } = await loadAudio(file);
    expect(Math.abs(antiphase - speech.length / RATE)).toBeLessThan(0.5);
    expect(samples.subarray(0, speech.length - 8000)).toEqual(first.subarray(0, speech.length - 8000));
    expect(samples.subarray(speech.length + 8000)).toEqual(first.subarray(speech.length + 8000));

    for (const size of [777, 40_000]) {
      const bytes = (async function* () {
        for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
      })();
      const streamed: number[] = [];
      for await (const piece of streamAudio(bytes)) streamed.push(...piece);
      expect(Float32Array.from(streamed)).toEqual(samples);
    }
  });

  it("are counted in each of several files one behind the other", async () => {
    const file = join(fileOf([speech, negative(speech)]), fileOf([speech, speech]), fileOf([speech]));
    const { samples, antiphase } = await loadAudio(file);
    expect(antiphase).toBeCloseTo(speech.length / RATE, 3);
    expect(samples).toEqual(Float32Array.from([...speech, ...speech, ...speech]));
  });
});

it("no less than half a second is judged at a time", () => {
  const mixer = planMixer(11_025, 2);
  const frames = (count: number): Float32Array[] => [new Float32Array(count), new Float32Array(count)];
  expect(mixer.push(frames(5512)).length).toBe(0); // 0.49995 s
  expect(mixer.push(frames(1)).length).toBe(5513);
});

describe("the mean stays for", () => {
  const other = normals(3, 20_000, 0.1);
  const one = normals(4, 20_000, 0.1);
  it.each<[string, Float32Array[]]>([
    ["equal channels", [one, one]],
    ["channels that have nothing in common", [one, other]],
    ["a silent channel", [one, new Float32Array(20_000)]],
    ["silence", [new Float32Array(20_000), new Float32Array(20_000)]],
    ["opposite offsets", [one.map((value) => value + 0.1), one.map((value) => value - 0.1)]],
    ["a voice in antiphase in one of three", [one, negative(one), one]],
    ["a weaker antiphase", [one, one.map((value, i) => 0.5 * other[i]! - 0.7 * value)]],
  ])("%s", async (_, channels) => {
    const { samples, antiphase } = await loadAudio(fileOf(channels, { float: true }));
    expect(antiphase).toBe(0);
    const mean = one.map(
      (__, i) => channels.reduce((sum, channel) => sum + channel[i]!, 0) / channels.length,
    );
    expect(samples).toEqual(mean);
  });
});

describe("the transcription of a file in antiphase", () => {
  let model: Transcriber;
  beforeAll(async () => {
    model = await load(fixture("../models/demo/fun-asr-demo-q8_0.gguf"));
  });
  afterAll(() => model.dispose());

  it("is that of one channel, with a warning of its own code", async () => {
    const file = fileOf([speech, negative(speech)]);
    const { text, warnings } = await model.transcribe(file);
    expect(text).toBe("My brother left the keyboard at the bookstore.");
    expect(warnings.map(({ code }) => code)).toEqual(["antiphase"]);
    expect(warnings[0]!.message).toMatch(/^channels are in antiphase for 2\.9 s/);
    expect((await model.ctc(file)).warnings.map(({ code }) => code)).toEqual(["antiphase"]);
    const chunks = { decoder: "ctc", chunk: { seconds: 2 } } as const;
    expect((await model.transcribe(file, chunks)).warnings.map(({ code }) => code)).toContain("antiphase");
    expect((await model.transcribe(fileOf([speech, speech]))).warnings).toEqual([]);
  });
});
