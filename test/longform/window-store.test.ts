/** A transcription that is broken off, and the next one with the same store: which windows are recognized again. */
import { expect, it } from "vitest";
import { load } from "../../src/index.ts";
import type { ChunkOptions } from "../../src/index.ts";
import type { TranscribeOptions } from "../../src/longform/options.ts";
import type { Recognition } from "../../src/recognizers/result.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { untimed } from "../helpers/environment/untimed.ts";

const file = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");

/** The clip again and again, without a pause where two of them are joined: cuts in speech overlap. */
function recording(times: number): Float32Array {
  const clip = tinySamples();
  const pause = new Float32Array(12_000);
  const all: number[] = [];
  for (let i = 0; i < times; i++) {
    for (const value of clip) all.push(value * (1 - i / 50));
    if (i % 3 === 2) all.push(...pause);
  }
  return Float32Array.from(all);
}

/** Recognitions as texts, as a file has them. */
class Texts {
  readonly texts = new Map<string, string>();
  taken = 0;
  get(key: string): Recognition | undefined {
    const text = this.texts.get(key);
    if (text !== undefined) this.taken++;
    return text === undefined ? undefined : (JSON.parse(text) as Recognition);
  }
  set(key: string, recognition: Recognition): void {
    this.texts.set(key, JSON.stringify(recognition));
  }
}

const chunks: readonly ChunkOptions[] = [
  { seconds: 2, pause: 0.5 },
  { seconds: 1.5, overlap: 0.5, cut: "fixed" },
  { seconds: 2, cut: "ctc-blank" },
  { seconds: 2, cut: "vad" },
];

it.each(chunks)("goes on to the same result, cut by %j", async (chunk) => {
  using model = await load(file, { vad: fixture("tiny/fsmn-vad/fsmn-vad.gguf") });
  const samples = recording(9);
  const options: TranscribeOptions = { maxNewTokens: 4, timestamps: "word", logprobs: true, chunk };
  const whole = await model.transcribe(samples, options);
  expect(whole.segments.length).toBeGreaterThan(2);
  for (const most of [0, 1, 2]) {
    const windows = new Texts();
    const broken = new AbortController();
    const onSegment = ({ id }: { readonly id: number }): void => {
      if (id === most) broken.abort();
    };
    const first = model.transcribe(samples, { ...options, windows, signal: broken.signal, onSegment });
    await expect(first).rejects.toThrow("abort");
    const kept = windows.texts.size;
    expect(kept).toBeGreaterThan(most);
    const next = await model.transcribe(samples, { ...options, windows });
    expect(untimed(next)).toBe(untimed(whole));
    expect(windows.taken).toBe(kept);
    expect(windows.texts.size).toBeGreaterThan(kept);
    const { total, ...steps } = next.timings;
    expect(total).toBeGreaterThanOrEqual(steps.generate ?? 0);
  }
});

it("takes nothing for other samples or other times", async () => {
  using model = await load(file);
  const chunk: ChunkOptions = { seconds: 2, pause: 0.5, overlap: 0 };
  const windows = new Texts();
  const options = { decoder: "ctc", chunk, windows } as const;
  await model.transcribe(recording(6), options);
  const { size } = windows.texts;
  await model.transcribe(recording(6), { ...options, timestamps: "token" });
  await model.transcribe(recording(6), { ...options, timestamps: "word" });
  await model.transcribe(
    recording(6).map((value) => value * 0.9),
    options,
  );
  expect(windows.taken).toBe(0);
  expect(windows.texts.size).toBe(4 * size);
  await model.transcribe(recording(6), { ...options, timestamps: "none" }); // as without the option
  expect(windows.taken).toBe(size);
});

it("waits for the store, and passes its errors on", async () => {
  using model = await load(file);
  const windows = { get: () => undefined, set: () => Promise.reject(new Error("full")) };
  const work = model.transcribe(recording(6), { decoder: "ctc", chunk: { seconds: 2 }, windows });
  await expect(work).rejects.toThrow("full");
});
