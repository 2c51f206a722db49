/** Speech that is repeated, in one window of the demo model: every sentence is in the text as often as it was spoken. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/node.ts";
import type { TranscribeOptions, Transcriber } from "../../src/node.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { clipSamples, joined, times } from "../helpers/builders/joined-clips.ts";

const name = { clip: clipSamples("zh-name"), text: "律师的新同学叫杨丽峰。" };
const weather = { clip: clipSamples("zh-weather"), text: "天气预报说今天会有大雨。" };
const river = { clip: clipSamples("zh-long", 41.45, 43.3), text: "他说河边最热闹。" };
const morning = { clip: clipSamples("zh-long", 10, 10.88), text: "早上好，" };
const travel = { clip: clipSamples("en-travel"), text: "My brother left the keyboard at the bookstore. " };
const shopping = { clip: clipSamples("en-shopping"), text: "Could you send the package before 11 am? " };
const seattle = { clip: clipSamples("en-name"), text: "Do you know Catherine Moore from Seattle? " };

const news = { clip: clipSamples("zh-news"), text: "2033年，英国和中国签署了科学协议。" };

type Spoken = typeof name;

const textOf = (parts: readonly Spoken[]): string =>
  parts
    .map(({ text }) => text)
    .join("")
    .replace(/[，\s]$/u, "");
const audioOf = (parts: readonly Spoken[]): Float32Array =>
  joined(
    parts.map(({ clip }) => clip),
    0.1,
  );

describe("repeated speech", () => {
  let model: Transcriber;
  beforeAll(async () => {
    model = await load("models/demo/fun-asr-demo-q8_0.gguf");
  });
  afterAll(() => model.dispose());

  const recognize = (parts: readonly Spoken[], options: TranscribeOptions = {}) =>
    model.transcribe(audioOf(parts), { chunk: "off", timestamps: "word", ...options });

  it.each([
    ["seven times", times(name, 7)],
    ["seven times in English", times(seattle, 7)],
    ["six times, with a number", times(shopping, 6)],
    ["twelve times", times(river, 12)],
    ["a greeting, seven times", times(morning, 7)],
    ["a greeting, twenty times", times(morning, 20)],
    ["five times before another sentence", [...times(name, 5), weather]],
    ["before another sentence in English", [...times(travel, 5), shopping]],
    ["before another sentence, with a number", [...times(shopping, 5), travel]],
    ["a greeting before a sentence", [...times(morning, 6), weather]],
    ["six times between two sentences", [name, ...times(weather, 4), name]],
    ["before a sentence in Chinese", [...times(travel, 5), weather]],
    ["before a sentence in English", [...times(name, 5), travel]],
    ["before two languages", [...times(travel, 5), weather, shopping]],
    ["before three sentences in two languages", [...times(name, 5), weather, river, travel]],
    ["a greeting before a sentence in English", [...times(morning, 9), travel]],
    ["with a year, before a sentence in English", [...times(news, 5), travel]],
    ["not at all", [name, weather]],
  ])("%s", async (_, parts) => {
    const before = liveTensors();
    const { text, warnings, characters = [] } = await recognize(parts);
    expect(text).toBe(textOf(parts));
    expect(warnings).toEqual([]);
    // Times cover the whole recording, in order.
    const spelled = characters.map((unit) => unit.text).join("");
    expect(spelled).toBe(text);
    const starts = characters.map(({ start }) => start);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    const seconds = audioOf(parts).length / 16_000;
    expect(characters.at(-1)!.end).toBeGreaterThan(seconds - 1.2);
    expect(liveTensors()).toBe(before);
  });

  it("is recognized after another repetition in the same window", async () => {
    const parts = [...times(seattle, 4), ...times(shopping, 4), travel];
    const { text } = await recognize(parts);
    // The model writes "Could you know" once, and four of each with it.
    expect(text.match(/ you know Catherine Moore from Seattle\?/gu)).toHaveLength(3);
    expect(text.match(/Could you send the package before 11 am\?/gu)).toHaveLength(4);
    expect(text.endsWith(travel.text.trim())).toBe(true);
  });

  it("has the log probability of each token, and pieces of text that make the last text", async () => {
    const parts = [...times(travel, 5), shopping];
    const pieces: string[][] = [];
    const { text, tokens, logprobs, characters } = await recognize(parts, {
      logprobs: true,
      hotwords: ["Catherine Moore"],
      onToken: (piece, attempt) => (pieces[attempt] ??= []).push(piece),
    });
    expect(text).toBe(textOf(parts));
    expect(logprobs).toHaveLength(tokens.length);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.at(-1)!.join("")).toBe(text);
    for (const { probability } of characters!) expect(probability).toBeGreaterThan(0.2);
  });

  it("is no reason to try again where the draft repeats itself too", async () => {
    const parts = times(name, 7);
    const { text, attempts, temperature } = await recognize(parts, { fallback: {} });
    expect({ text, temperature }).toEqual({ text: textOf(parts), temperature: 0 });
    expect(attempts).toHaveLength(1);
    expect(attempts![0]!.compressionRatio).toBeGreaterThan(2.4);
  });

  it("is sampled behind a loop too, the same with the same seed", async () => {
    const parts = [...times(name, 5), weather];
    const options = { temperature: 0.2, topK: 2, seed: 3 };
    const first = await recognize(parts, options);
    expect((await recognize(parts, options)).tokens).toEqual(first.tokens);
    expect(first.text.match(/律师的新同学叫杨丽/gu)).toHaveLength(5);
    expect(first.text.endsWith(weather.text)).toBe(true);
  });

  it("is recognized the same with any number of threads", async () => {
    const parts = [...times(name, 5), weather];
    const { tokens, characters } = await recognize(parts);
    for (const threads of [1, 3]) {
      using other = await load("models/demo/fun-asr-demo-q8_0.gguf", { threads });
      const same = await other.transcribe(audioOf(parts), { chunk: "off", timestamps: "word" });
      expect(same).toMatchObject({ tokens, characters });
    }
  });

  it.each([
    ["in alternation", [...times([morning, river], 6).flat(), weather]],
    ["before another repetition", [...times(name, 4), ...times(weather, 4), river]],
  ])("is recognized %s", async (_, parts) => {
    const { text } = await recognize(parts);
    // 他 and 她 sound the same.
    expect(text.replaceAll("她", "他")).toBe(textOf(parts));
  });

  it("has the draft's text and a warning where no pass recognizes what follows", async () => {
    const parts = [...times(morning, 20), seattle, name];
    const pieces: string[][] = [];
    const { text, ctcText, tokens, logprobs, warnings } = await recognize(parts, {
      logprobs: true,
      onToken: (piece, attempt) => (pieces[attempt] ??= []).push(piece),
    });
    const greetings = morning.text.repeat(20);
    const drafted = ctcText!.slice("早上好".length * 20);
    expect(drafted).toContain("律师的新同学叫杨丽峰");
    expect(text).toBe(greetings + drafted);
    expect(logprobs).toHaveLength(tokens.length);
    expect(pieces.at(-1)!.join("")).toBe(text);
    expect(warnings).toEqual([
      expect.objectContaining({ code: "repetition", message: expect.stringContaining("CTC draft") }),
    ]);
  });

  it("is recognized once, with a warning, without a draft", async () => {
    const { text, ctcText, warnings } = await recognize([...times(name, 5), travel], {
      ctc: "off",
      timestamps: "none",
    });
    expect({ text, ctcText }).toEqual({ text: name.text, ctcText: undefined });
    expect(warnings.map(({ code }) => code)).toEqual(["repetition"]);
  });
});
