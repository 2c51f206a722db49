/** What recognizers offer beside plain transcription: sampling, retries, confidence, gates, alignment, drafts. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { normals } from "../helpers/builders/random.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { values } from "../../src/nn/ops.ts";
import { logSoftmaxRows } from "../../src/decoding/log-softmax.ts";

const clip = fixture("audio/tiny.wav");

describe("Fun-ASR-Nano", () => {
  let nano: Transcriber;
  beforeAll(async () => {
    nano = await load(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"), { backend: "cpu" });
  });
  afterAll(() => nano.dispose());
  const options = { maxNewTokens: 6 };

  it("samples the same with the same seed, and otherwise with another", async () => {
    const sample = async (seed: number) =>
      (await nano.transcribe(clip, { ...options, temperature: 1, seed })).tokens;
    const [first, again, other] = [await sample(3), await sample(3), await sample(4)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const greedy = await nano.transcribe(clip, options);
    expect((await nano.transcribe(clip, { ...options, temperature: 1, topK: 1 })).tokens).toEqual(
      greedy.tokens,
    );
    expect(greedy).toMatchObject({ temperature: 0, attempts: [{ stop: "length" }] });
    expect(greedy.avgLogprob).toBeUndefined();
  });

  it("begins a further attempt where the prompt ended", async () => {
    const before = liveTensors();
    const retried = await nano.transcribe(clip, {
      ...options,
      seed: 7,
      fallback: { temperatures: [1, 0.8], avgLogprob: 0 }, // nothing is good enough
    });
    expect(retried.attempts?.map(({ temperature }) => temperature)).toEqual([0, 1, 0.8]);
    expect(retried.warnings.map(({ code }) => code)).toEqual(["retried", "truncated", "disagreement"]);
    const alone = await nano.transcribe(clip, { ...options, temperature: 1, seed: 8, logprobs: true });
    expect(retried.attempts?.[1]).toEqual(alone.attempts?.[0]);
    const best = Math.max(...retried.attempts!.map(({ avgLogprob }) => avgLogprob!));
    expect(retried.avgLogprob).toBe(best);
    expect(liveTensors()).toBe(before);
  });

  it("gives the log probabilities of its tokens, as the logits have them", async () => {
    const rows: Promise<Float32Array>[] = [];
    const hook = {
      wants: (path: string) => path === "llm.lm_head",
      onTensor: (_: string, logits: Parameters<typeof values>[0]) => void rows.push(values(logits)),
    };
    const { tokens, logprobs, avgLogprob } = await nano.transcribe(clip, {
      ...options,
      logprobs: true,
      hook,
    });
    const logits = await Promise.all(rows);
    const expected = tokens.map((id, i) => logSoftmaxRows(logits[i]!.slice(), logits[i]!.length)[id]!);
    for (const [i, logprob] of logprobs!.entries()) expect(logprob).toBeCloseTo(expected[i]!, 4);
    expect(avgLogprob).toBeCloseTo(expected.reduce((a, b) => a + b) / expected.length, 4);
  });

  it("gives words the language model's probability beside the CTC's score", async () => {
    const { characters, words } = await nano.transcribe(clip, {
      ...options,
      logprobs: true,
      timestamps: "word",
      silenceGate: "ctc",
    });
    for (const { probability } of [...characters!, ...words!]) {
      expect(probability).toBeGreaterThan(0);
      expect(probability).toBeLessThanOrEqual(1);
    }
  });

  it("bounds its tokens by the audio on request", async () => {
    const features = { values: normals(3, 5 * 560), rows: 5, cols: 560 };
    const { counts, warnings } = await nano.transcribe({ features }, { maxNewTokens: "auto" });
    expect(counts.generatedTokens).toBeLessThanOrEqual(32 + 6);
    if (counts.generatedTokens === 38)
      expect(warnings).toMatchObject([{ code: "truncated" }, { code: "disagreement" }]);
  });

  it("compares the CTC draft with its own text", async () => {
    const result = await nano.transcribe(clip, { ...options, timestamps: "token" });
    // Random weights: nothing in common but chance.
    expect(result.agreement).toBeLessThan(0.5);
    expect(result.warnings.map(({ code }) => code)).toContain("disagreement");
  });

  it("skips silence by its level by default", async () => {
    const silence = new Float32Array(16_000);
    expect(await nano.transcribe(silence)).toMatchObject({ text: "", warnings: [{ code: "silence" }] });
    const recognized = await nano.transcribe(silence, { ...options, silenceGate: "off" });
    expect(recognized.counts.generatedTokens).toBe(6);
  });

  it("aligns a text that is given, character by character", async () => {
    const aligned = await nano.align(clip, "Ki, 2", { offset: 0.01 });
    expect(aligned.characters.map(({ text }) => text).join("")).toBe("Ki, 2");
    expect(aligned.words.map(({ text }) => text)).toEqual(["Ki,", "2"]);
    expect(aligned.recognizedText).toContain("K");
    let reached = 0;
    for (const { start, end } of aligned.characters) {
      expect(start).toBeGreaterThanOrEqual(reached);
      expect(end).toBeGreaterThan(start);
      reached = end;
    }
    const byText = await nano.align(clip, "Ki", { method: "text" });
    expect(byText.characters.map(({ score }) => score)).toEqual([undefined, undefined]);
  });

  it("warns when a text does not fit the audio", async () => {
    const { warnings, characters } = await nano.align(clip, "a".repeat(99));
    expect(warnings).toMatchObject([{ code: "approximate_times" }]);
    expect(characters).toHaveLength(99);
  });

  it("gives its draft frame by frame", async () => {
    const draft = await nano.ctc(clip, { topK: 3 });
    const { ctcText } = await nano.transcribe(clip, { decoder: "ctc" });
    expect(draft.text).toBe(ctcText);
    expect(draft.labels.map(({ text }) => text).join("")).toBe(ctcText);
    for (const { labels } of draft.frames) {
      expect(labels).toHaveLength(3);
      const probabilities = labels.map(({ probability }) => probability);
      expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    }
    const [label] = draft.labels;
    const frame = draft.frames.find(({ time }) => Math.abs(time - label!.start) < 1e-9);
    expect(frame?.labels[0]?.id).toBe(label!.id);
  });

  it("refuses to align or draft an hour at once", async () => {
    const features = { values: new Float32Array(5001 * 560), rows: 5001, cols: 560 };
    for (const call of [nano.align({ features }, "a"), nano.ctc({ features })]) {
      await expect(call).rejects.toMatchObject({ code: "audio_too_long" });
    }
  });

  it.each([
    ["a method", () => nano.align(clip, "a", { method: "magic" as never })],
    ["an offset", () => nano.transcribe(clip, { align: { offset: NaN } })],
    ["a count of labels", () => nano.ctc(clip, { topK: 0 })],
  ])("refuses an invalid value for %s", async (_, call) => {
    await expect(call()).rejects.toMatchObject({ code: "bad_option" });
  });
});

describe.each(["paraformer", "sensevoice"])("%s", (name) => {
  let model: Transcriber;
  beforeAll(async () => {
    model = await load(fixture(`tiny/${name}/${name}-bf16.gguf`), { backend: "cpu" });
  });
  afterAll(() => model.dispose());

  it("aligns a text by comparing it with its own", async () => {
    const { text, words } = await model.transcribe(clip, { timestamps: "word" });
    const aligned = await model.align(clip, text);
    expect(aligned.agreement).toBe(1);
    expect(aligned.words.map((word) => [word.text, word.source])).toEqual(
      words!.map((word) => [word.text, word.source]),
    );
    for (const [i, { start }] of aligned.words.entries()) expect(start).toBeCloseTo(words![i]!.start, 1);
    await expect(model.align(clip, text, { method: "ctc-forced" })).rejects.toMatchObject({
      code: "ctc_unavailable",
    });
  });

  it("gives its draft, or refuses where it has none", async () => {
    const draft = model.ctc(clip, { topK: 2 });
    if (name === "paraformer") {
      await expect(draft).rejects.toMatchObject({ code: "ctc_unavailable" });
      return;
    }
    const { text } = await model.transcribe(clip);
    const { labels, frames, ...recognized } = await draft;
    expect(recognized.text).toBe(text);
    expect(frames.every((frame) => frame.labels.length === 2)).toBe(true);
    expect(labels.length).toBeGreaterThan(0);
    for (const { id, start } of labels) {
      const frame = frames.find(({ time }) => Math.abs(time - start) < 1e-9);
      expect(frame?.labels[0]?.id).toBe(id);
    }
  });

  it("corrects its text by hotwords, and warns about options without effect", async () => {
    const { text } = await model.transcribe(clip);
    const result = await model.transcribe(clip, {
      context: "a",
      temperature: 1,
      fallback: {},
      logprobs: true,
      hotwords: [text.trim()],
    });
    expect(result.text).toBe(text); // it is right already
    expect(result.warnings).toMatchObject([{ code: "option_ignored" }]);
    expect(result.warnings[0]?.message).toMatch(/context, temperature, fallback had no effect$/u);
    expect(result.logprobs).toHaveLength(result.tokens.length);
    expect(result.avgLogprob).toBeLessThan(0);
    if (name === "sensevoice") expect(result.noSpeechProb).toBeGreaterThan(0);
  });
});
