/** The text of a model without marks, with those of a punctuation model: whole, by segments, with times, in a worker. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Engine, load } from "../../src/index.ts";
import type { Segment, Transcriber, Transcription } from "../../src/index.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { loadPunctuator, Punctuator } from "../../src/punctuation/punctuator.ts";
import { shapeCues } from "../../src/text/outputs/cues.ts";
import { untimed } from "../helpers/environment/untimed.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const paraformer = fixture("tiny/paraformer/paraformer-bf16.gguf");
const clip = fixture("audio/demo/zh-weather.wav");
const backend = "wasm";
const cut = { chunk: { seconds: 1, cut: "fixed", overlap: 0 } } as const;
const plain = (text: string): string => text.replace(/\s/gu, "").toLowerCase();

describe.each(["ct-punc", "ct-punc-realtime"])("%s", (name) => {
  let bare: Transcriber;
  let model: Transcriber;
  let punctuator: Punctuator;
  beforeAll(async () => {
    const punctuation = fixture(`tiny/${name}`);
    bare = await load(paraformer, { backend });
    model = await load(paraformer, { backend, punctuation });
    punctuator = await loadPunctuator(punctuation, { backend });
  });
  afterAll(() => {
    for (const one of [bare, model, punctuator]) one.dispose();
  });

  it.each([
    ["one window", { chunk: "off" }],
    ["several windows", cut],
  ] as const)("writes %s as it writes the whole text", async (_, options) => {
    const raw = await bare.transcribe(clip, options);
    const found = await model.transcribe(clip, options);
    const expected = await punctuator.punctuate(raw.text);
    expect(found.text).toBe(expected.text.trim());
    expect(found.text).not.toBe(raw.text);
    expect(found.segments.map(({ start, end, tokens }) => [start, end, tokens])).toEqual(
      raw.segments.map(({ start, end, tokens }) => [start, end, tokens]),
    );
    expect(plain(found.segments.map(({ text }) => text).join(""))).toBe(plain(found.text));
    expect(found.sentences).toBeUndefined();
    expect(found.timings.punctuate).toBeGreaterThan(0);
  });

  it("gives each segment its own words, when all of their marks are final", async () => {
    const raw = await bare.transcribe(clip, cut);
    const segments: Segment[] = [];
    const stream = model.transcribeStream(clip, cut);
    let end = await stream.next();
    for (; end.done !== true; end = await stream.next()) segments.push(end.value);
    expect(end.value.segments).toEqual(segments);
    expect(segments.length).toBeGreaterThan(2);
    const marks = /[，。？、,.?]|<unk>/gu;
    const without = (text: string): string => plain(text).replace(marks, "");
    expect(segments.map(({ text }) => without(text))).toEqual(raw.segments.map(({ text }) => without(text)));
  });

  it.each([
    ["one window", { chunk: "off" }],
    ["several windows", cut],
  ] as const)("times the characters of %s, and sentences by them", async (_, options) => {
    const timed = { ...options, timestamps: "word" } as const;
    const raw = await bare.transcribe(clip, timed);
    const found = await model.transcribe(clip, timed);
    for (const segment of found.segments) expectTimes(segment);
    const spoken = ({ characters = [] }: Pick<Transcription, "characters">): number[] =>
      characters.filter(({ source }) => source === "cif").map(({ start }) => start);
    expect(spoken(found).length).toBe(spoken(raw).length);
    const off = spoken(found).map((start, i) => Math.abs(start - spoken(raw)[i]!));
    expect(Math.max(...off)).toBeLessThan(0.03);
    const { sentences = [] } = found;
    expect(sentences.length).toBeGreaterThan(2);
    expect(plain(sentences.map(({ text }) => text).join(""))).toBe(plain(found.text));
    const starts = new Set(found.characters!.map(({ start }) => start));
    for (const { start, end } of sentences) expect([starts.has(start), end > start]).toEqual([true, true]);
    const begins = sentences.map(({ start }) => start);
    expect(begins).toEqual(begins.toSorted((a, b) => a - b));
  });

  function expectTimes({ text, characters = [], words = [] }: Segment): void {
    expect(
      characters
        .map((unit) => unit.text)
        .join("")
        .trim(),
    ).toBe(text);
    const ends = [0, ...characters.map(({ end }) => end)];
    for (const [i, { start, end }] of characters.entries()) {
      expect(start).toBeGreaterThanOrEqual(ends[i]!);
      expect(end).toBeGreaterThan(start);
    }
    expect(plain(words.map((word) => word.text).join(""))).toBe(plain(text));
  }
});

describe("subtitles", () => {
  it("end where sentences do, which they do not without marks", async () => {
    const options = { ...cut, timestamps: "word" } as const;
    const cues = async (punctuation?: string): Promise<[number, number]> => {
      using model = await load(paraformer, {
        backend,
        ...(punctuation === undefined ? {} : { punctuation }),
      });
      const { text, segments, duration = 0 } = await model.transcribe(clip, options);
      const found = shapeCues({ text, segments, duration });
      return [found.filter((cue) => /[，。？、,.?]$/u.test(cue.text)).length, found.length];
    };
    expect((await cues())[0]).toBe(0);
    const [atMarks, all] = await cues(fixture("tiny/ct-punc"));
    expect(atMarks / all).toBeGreaterThan(0.5);
  });
});

describe("the option punctuation", () => {
  it("takes a folder, a GGUF's bytes or an address, in an engine of the caller's too", async () => {
    const before = liveTensors();
    const engine = new Engine({ backend });
    const source = fixture("tiny/ct-punc");
    using first = await load(paraformer, { engine, punctuation: pathToFileURL(source) });
    using second = await load(paraformer, { engine, punctuation: source });
    const texts = await Promise.all([first, second].map(async (one) => (await one.transcribe(clip)).text));
    expect(texts[0]).toBe(texts[1]);
    first.dispose();
    second.dispose();
    engine.dispose();
    expect(liveTensors()).toBe(before);
  });

  it("refuses a model that is none, and leaves nothing in memory", async () => {
    const before = liveTensors();
    const vad = fixture("tiny/fsmn-vad/fsmn-vad.gguf");
    const options = { backend, vad, punctuation: vad } as const;
    await expect(load(paraformer, options)).rejects.toMatchObject({ code: "unknown_architecture" });
    await expect(load(paraformer, { backend, punctuation: "/no/such" })).rejects.toMatchObject({
      code: "file_not_found",
    });
    expect(liveTensors()).toBe(before);
  });

  it("crosses to a worker", async () => {
    const { loadInWorker } = (await import(
      pathToFileURL(fixture("../dist/src/node.js")).href
    )) as typeof import("../../src/index.ts");
    const options = { backend, punctuation: fixture("tiny/ct-punc") } as const;
    using here = await load(paraformer, options);
    await using there = await loadInWorker(readFileSync(paraformer), options);
    const timed = { ...cut, timestamps: "word" } as const;
    expect(untimed(await there.transcribe(clip, timed))).toEqual(untimed(await here.transcribe(clip, timed)));
  });

  it("ends with the signal's reason while marks are computed", async () => {
    using model = await load(paraformer, { backend, punctuation: fixture("tiny/ct-punc") });
    const controller = new AbortController();
    const reason = new Error("enough");
    const { split } = Punctuator.prototype;
    const spy = vi.spyOn(Punctuator.prototype, "split").mockImplementation(function (this: Punctuator, text) {
      controller.abort(reason); // a segment is recognized, and none is final
      return split.call(this, text);
    });
    const work = model.transcribe(clip, { chunk: "off", signal: controller.signal });
    await expect(work).rejects.toBe(reason);
    spy.mockRestore();
    expect((await model.transcribe(clip, cut)).text).not.toBe("");
  });
});
