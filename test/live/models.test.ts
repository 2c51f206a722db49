/** Live recognition by models: the texts of files, in each architecture. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { concatenate } from "../../src/audio/decoder.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import type { LiveEvent } from "../../src/live/events.ts";
import type { ListenOptions } from "../../src/live/options.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const clips = ["zh-weather", "en-travel"].map((name) => fixture(`audio/demo/${name}.wav`));

let model: Transcriber;
beforeAll(async () => {
  model = await load(fixture("../models/demo/fun-asr-demo-q8_0.gguf"));
});
afterAll(() => model.dispose());

async function eventsOf(
  listening: Transcriber,
  samples: Float32Array,
  options: ListenOptions,
): Promise<LiveEvent[]> {
  const events: LiveEvent[] = [];
  for await (const event of listening.listen(samples, options)) events.push(event);
  return events;
}

const finals = (events: readonly LiveEvent[]) =>
  events.flatMap((event) => (event.event === "final" ? [event] : []));

describe("the demo model", () => {
  it("gives the texts of the files, with the times and hotwords that are asked for", async () => {
    const parts = await Promise.all(clips.map(async (clip) => (await loadAudio(clip)).samples));
    const silence = new Float32Array(16_000);
    const stream = concatenate([silence, ...parts.flatMap((part) => [part, silence])]);
    const options = { timestamps: "word", hotwords: ["keyboard"] } as const;
    const events = await eventsOf(model, stream, options);
    const files = [];
    for (const clip of clips) files.push(await model.transcribe(clip, options));
    expect(finals(events).map(({ text }) => text)).toEqual(files.map(({ text }) => text));
    expect(finals(events).map(({ hotwords }) => hotwords?.map(({ found }) => found))).toEqual([
      [false],
      [true],
    ]);
    const [first, second] = finals(events);
    expect(first!.words!.map(({ text }) => text)).toEqual(files[0]!.words!.map(({ text }) => text));
    const wanted = files[1]!.words![0]!.start + (2 * silence.length + parts[0]!.length) / 16_000;
    expect(Math.abs(second!.words![0]!.start - wanted)).toBeLessThan(0.15);
    const partials = events.flatMap((event) => (event.event === "partial" ? [event] : []));
    expect(partials.length).toBeGreaterThan(0);
    const stable = ["", ""];
    for (const partial of partials) {
      expect(partial.stable.startsWith(stable[partial.id]!)).toBe(true);
      stable[partial.id] = partial.stable;
    }
  });

  it("gives the CTC branch's text, where that writes it", async () => {
    const [clip] = clips;
    const { samples } = await loadAudio(clip!);
    const events = await eventsOf(model, samples, { decoder: "ctc", tick: 10 });
    expect(finals(events).map(({ text }) => text)).toEqual([
      (await model.transcribe(clip!, { decoder: "ctc" })).text,
    ]);
  });

  it("refuses what it does not know, and ends when the model is disposed of", async () => {
    expect(() => model.listen(clips[0]!, { ticks: 1 } as never)).toThrow(/tick/u);
    expect(() => model.listen(clips[0]!, { chunk: { overlap: 1 } } as never)).toThrow(/chunk\.overlap/u);
    expect(() => model.listen(clips[0]!, { tick: 0 })).toThrow(/tick/u);
    const other = await load(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
    async function* blocks(): AsyncGenerator<Float32Array> {
      for (let given = 0; ; given++) {
        if (given === 3) other.dispose();
        yield tinySamples().subarray(0, 1600);
      }
    }
    const events = other.listen({ samples: blocks(), sampleRate: 16_000 });
    await expect(
      (async () => {
        for await (const event of events) expect(event.event).not.toBe("final");
      })(),
    ).rejects.toMatchObject({ code: "disposed" });
    expect(() => other.listen(clips[0]!)).toThrow(/disposed/u);
  });
});

describe.each([
  ["SenseVoice", "sensevoice/sensevoice-bf16.gguf"],
  ["Paraformer", "paraformer/paraformer-bf16.gguf"],
])("%s", (_, file) => {
  it("reads a text that grows by its own decoder: the pieces are its text", async () => {
    const amMvn = fixture("tiny/paraformer/am.mvn");
    using tiny = await load(fixture(`tiny/${file}`), file.startsWith("paraformer") ? { amMvn } : {});
    const samples = tinySamples();
    const { text } = await tiny.transcribe(samples, { chunk: "off" });
    const events = await eventsOf(tiny, samples, { tick: 0.5 });
    const [final] = finals(events);
    expect(final!.text).toBe(text.trim());
    const last = events.findLast((event) => event.event === "partial");
    expect(last).toBeDefined();
  });
});
