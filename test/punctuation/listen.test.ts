/** Marks in the final texts of live recognition: those that `transcribe` writes for the same samples. */
import { expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { concatenate } from "../../src/audio/decoder.ts";
import { load } from "../../src/index.ts";
import type { LiveEvent } from "../../src/live/events.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const RATE = 16_000;

it.each(["ct-punc", "ct-punc-realtime"])("each utterance is a text of its own for %s", async (name) => {
  const paraformer = fixture("tiny/paraformer/paraformer-bf16.gguf");
  const options = { backend: "wasm" } as const;
  using bare = await load(paraformer, options);
  using model = await load(paraformer, { ...options, punctuation: fixture(`tiny/${name}`) });
  const { samples: clip } = await loadAudio(fixture("audio/demo/zh-weather.wav"));
  const samples = concatenate([clip, new Float32Array(2 * RATE), clip, new Float32Array(RATE)]);
  const eventsOf = async (listener: typeof model): Promise<LiveEvent[]> => {
    const events: LiveEvent[] = [];
    for await (const event of listener.listen(samples, { timestamps: "word" })) events.push(event);
    return events;
  };
  const events = await eventsOf(model);
  const finals = events.flatMap((event) => (event.event === "final" ? [event] : []));
  const ends = events.flatMap((event) => (event.event === "speech_ended" ? [event] : []));
  expect(finals).toHaveLength(2);
  for (const [i, { start, end }] of ends.entries()) {
    const own = samples.slice(Math.round(start * RATE), Math.round(end * RATE));
    const { text } = await model.transcribe(own, { chunk: "off" });
    expect(finals[i]!.text).toBe(text);
    expect(
      finals[i]!.characters!.map((one) => one.text)
        .join("")
        .trim(),
    ).toBe(text);
  }
  const others = await eventsOf(bare);
  const bareFinals = others.flatMap((event) => (event.event === "final" ? [event.text] : []));
  expect(bareFinals).not.toEqual(finals.map(({ text }) => text));
  const before = (list: readonly LiveEvent[]): LiveEvent[] => list.filter(({ event }) => event !== "final");
  expect(before(events)).toEqual(before(others));
});
