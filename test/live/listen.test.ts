/** The events of live recognition, with a recognizer that reads what sound spells. */
import { describe, expect, it } from "vitest";
import { concatenate } from "../../src/audio/decoder.ts";
import type { LiveEvent, LivePartial } from "../../src/live/events.ts";
import { MOST_READ } from "../../src/live/growing-text.ts";
import { listenTo } from "../../src/live/listen.ts";
import type { ListenOptions } from "../../src/live/options.ts";
import { coded, codedRecognizer } from "../helpers/builders/coded-speech.ts";
import type { CodedRecognizer } from "../helpers/builders/coded-speech.ts";
import { uniform } from "../helpers/builders/random.ts";

const RATE = 16_000;
const clock = (): number => 0;

async function eventsOf(
  samples: Float32Array,
  options: ListenOptions = {},
  { recognizer }: Pick<CodedRecognizer, "recognizer"> = codedRecognizer(),
): Promise<LiveEvent[]> {
  const events: LiveEvent[] = [];
  for await (const event of listenTo(recognizer, samples, options, { clock })) events.push(event);
  return events;
}

const isPartial = (event: LiveEvent): event is LivePartial => event.event === "partial";
const finals = (events: readonly LiveEvent[]): string[] =>
  events.flatMap((event) => (event.event === "final" ? [event.text] : []));
const talk = "5abcdefgh9ijklmnop9qrst";

describe("the events", () => {
  it("of an utterance are its start, its growing text, its end, and its final text", async () => {
    const events = await eventsOf(coded(talk));
    expect(finals(events)).toEqual(["ABCDEFGH", "IJKLMNOP", "QRST"]);
    for (const id of [0, 1, 2]) {
      const own = events.filter((event) => event.id === id);
      const names = own.map(({ event }) => event);
      expect([names[0], ...names.slice(-2)]).toEqual(["speech_started", "speech_ended", "final"]);
      const partials = own.filter(isPartial);
      expect(names.slice(1, -2)).toEqual(partials.map(() => "partial"));
      expect(partials.length).toBeGreaterThan(3);
    }
    expect(events).toEqual(events.toSorted((a, b) => a.id - b.id));
    const ends = events.flatMap((event) => (event.event === "speech_ended" ? [event] : []));
    expect(ends.map(({ ends: how }) => how)).toEqual(["pause", "pause", "end"]);
  });

  it("have a stable text that grows, and is all of the spoken text in the end", async () => {
    const events = await eventsOf(coded("5abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz9"));
    let stable = "";
    for (const event of events.filter(isPartial)) {
      expect(event.stable.startsWith(stable)).toBe(true);
      ({ stable } = event);
    }
    expect(stable.toUpperCase()).toBe(finals(events)[0]);
    expect(stable).toHaveLength(52);
  });

  it("have the text of the partials to its end as the final text of a draft", async () => {
    const events = await eventsOf(coded(talk), { final: "draft" });
    expect(finals(events)).toEqual(["abcdefgh", "ijklmnop", "qrst"]);
    for (const event of events.filter(isPartial))
      expect(finals(events)[event.id]!.startsWith(event.stable)).toBe(true);
    // an utterance longer than what is read at once, and one whose end no partial has read
    const long = "5abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz9";
    expect(finals(await eventsOf(coded(long), { final: "draft", tick: 5 }))).toEqual([long.slice(1, -1)]);
    const untimed = eventsOf(
      coded(talk),
      { final: "draft" },
      codedRecognizer(() => {}, false),
    );
    await expect(untimed).rejects.toMatchObject({ code: "ctc_unavailable" });
  });

  it("do not depend on how the stream is divided into blocks", async () => {
    const samples = coded(talk);
    const whole = await eventsOf(samples);
    const next = uniform(3);
    for (const most of [50, 3000, 40_000]) {
      const blocks = async function* (): AsyncGenerator<Float32Array> {
        for (let at = 0, count = 0; at < samples.length; at += count) {
          count = Math.floor(next() * most);
          yield samples.subarray(at, at + count);
        }
      };
      const { recognizer } = codedRecognizer();
      const input = { samples: blocks(), sampleRate: RATE };
      const events: LiveEvent[] = [];
      for await (const event of listenTo(recognizer, input, {}, { clock })) events.push(event);
      expect(events).toEqual(whole);
    }
  });

  it("of silence and noise are none", async () => {
    expect(await eventsOf(coded("9999999"))).toEqual([]);
  });

  it("have finals alone, where the model has no text before that", async () => {
    const events = await eventsOf(coded(talk), {}, codedRecognizer(undefined, false));
    expect(finals(events)).toHaveLength(3);
    expect(events.filter(isPartial)).toEqual([]);
  });
});

describe("a long utterance", () => {
  const long = coded(`5${"abcdefghijklmnopqrstuvwxyz".repeat(3)}9`);

  it("is read in parts of bounded length", async () => {
    const coder = codedRecognizer();
    const events = await eventsOf(long, {}, coder);
    expect(finals(events)).toHaveLength(1);
    expect(Math.max(...coder.reads)).toBeLessThanOrEqual((MOST_READ + 0.32) * RATE);
    expect(events.findLast(isPartial)!.stable.toUpperCase()).toBe(finals(events)[0]);
  });

  it("is cut at the greatest length, and goes on as another one", async () => {
    const events = await eventsOf(long, { chunk: { seconds: 6 } });
    expect(finals(events).length).toBeGreaterThan(3);
    expect(finals(events).join("").replaceAll("?", "").length).toBeGreaterThanOrEqual(75);
    for (const event of events) {
      if (event.event !== "speech_ended") continue;
      const final = events.find((one) => one.event === "final" && one.id === event.id)!;
      const codes = "warnings" in final ? final.warnings.map(({ code }) => code) : [];
      expect(codes).toEqual(event.ends === "speech" ? ["cut"] : []);
      expect(event.end - event.start).toBeLessThanOrEqual(6);
      const next = events.find((one) => one.event === "speech_started" && one.id === event.id + 1);
      if (event.ends === "speech") expect(next!.start).toBe(event.end);
    }
  });
});

describe("a long utterance on a slow machine", () => {
  it("has no gaps in its stable text", async () => {
    let time = 0;
    const { recognizer } = codedRecognizer(() => (time += 5_000));
    const spoken = "abcdefghijklmnopqrstuvwxyz".repeat(3);
    let stable = "";
    const samples = coded(`5${spoken}9`);
    for await (const event of listenTo(recognizer, samples, {}, { clock: () => time })) {
      if (event.event === "partial") ({ stable } = event);
      expect(spoken.startsWith(stable.slice(0, spoken.length))).toBe(true);
    }
    expect(stable.length).toBeGreaterThan(20);
  });
});

describe("the options", () => {
  it("set the pause that ends an utterance, and the tick", async () => {
    const samples = coded("5abcdefgh5ijklmnop9");
    expect(finals(await eventsOf(samples))).toHaveLength(1);
    expect(finals(await eventsOf(samples, { chunk: { pause: 0.4 } }))).toHaveLength(2);
    const count = async (tick: number): Promise<number> =>
      (await eventsOf(samples, { tick })).filter(isPartial).length;
    expect(await count(0.16)).toBeGreaterThan(1.5 * (await count(0.32)));
    expect(await count(0.64)).toBeLessThan(await count(0.32));
  });

  it("take speech from a detector", async () => {
    const rules: unknown[] = [];
    const vad = {
      listen(given: unknown) {
        rules.push(given);
        let read = 0;
        return {
          get open() {
            return read >= RATE && read < 3 * RATE ? RATE / 2 : undefined;
          },
          async push(samples: Float32Array) {
            const before = read;
            read += samples.length;
            return before < 3 * RATE && read >= 3 * RATE ? [{ start: RATE / 2, end: 2 * RATE }] : [];
          },
          end: async () => [],
        };
      },
    };
    const events: LiveEvent[] = [];
    const { recognizer } = codedRecognizer();
    const options = { chunk: { pause: 0.5 } };
    const context = { vad: vad as never, clock };
    for await (const event of listenTo(recognizer, coded(talk), options, context)) events.push(event);
    expect(rules).toEqual([{ maxEndSilence: 500 }]);
    expect(events[0]).toEqual({ event: "speech_started", id: 0, start: 0.5 });
    expect(events.at(-2)).toEqual({ event: "speech_ended", id: 0, start: 0.5, end: 2, ends: "pause" });
    expect(finals(events)).toEqual(["ABCDE"]);
  });

  it("refuse a detector that is not there", async () => {
    await expect(eventsOf(coded("1a"), { chunk: { cut: "vad" } })).rejects.toMatchObject({
      code: "bad_option",
    });
  });
});

describe("the stream", () => {
  it("is read as events are asked for", async () => {
    let read = 0;
    const samples = coded(talk);
    async function* blocks(): AsyncGenerator<Float32Array> {
      for (; read < samples.length; read += 1600) yield samples.subarray(read, read + 1600);
    }
    const { recognizer } = codedRecognizer();
    const events = listenTo(recognizer, { samples: blocks(), sampleRate: RATE }, {}, { clock });
    await events.next();
    const before = read;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(read).toBe(before);
    expect(before).toBeLessThan(1.5 * RATE);
    await events.return(undefined as never);
  });

  it("is ended when the loop is left, and its error is the loop's", async () => {
    let ended = 0;
    async function* blocks(fails: boolean): AsyncGenerator<Float32Array> {
      try {
        yield coded(talk);
        if (fails) throw new RangeError("unplugged");
      } finally {
        ended++;
      }
    }
    const { recognizer } = codedRecognizer();
    const over = (fails: boolean): AsyncGenerator<LiveEvent> =>
      listenTo(recognizer, { samples: blocks(fails), sampleRate: RATE }, {}, { clock });
    for await (const event of over(false)) if (event.event === "partial") break;
    expect(ended).toBe(1);
    const seen: LiveEvent[] = [];
    const listening = async (): Promise<void> => {
      for await (const event of over(true)) seen.push(event);
    };
    await expect(listening()).rejects.toThrow(RangeError);
    expect(finals(seen).length).toBeGreaterThan(0);
    await expect(eventsOf(new Float32Array(0))).rejects.toMatchObject({ code: "audio_empty" });
  });

  it("is left at once by an abort, while nothing comes", async () => {
    const controller = new AbortController();
    const samples = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<Float32Array>>(() => {}) }),
    };
    const { recognizer } = codedRecognizer();
    const { signal } = controller;
    const next = listenTo(recognizer, { samples, sampleRate: RATE }, { signal }, { clock }).next();
    setTimeout(() => controller.abort(), 10);
    await expect(next).rejects.toHaveProperty("name", "AbortError");
  });

  it("is caught up with: partials are left out while the work is slower than the audio", async () => {
    const count = async (ms: number): Promise<number> => {
      let time = 0;
      const coder = codedRecognizer(() => (time += ms));
      const events: LiveEvent[] = [];
      const samples = concatenate([coded(talk), coded(talk)]);
      for await (const event of listenTo(coder.recognizer, samples, {}, { clock: () => time }))
        events.push(event);
      expect(finals(events)).toHaveLength(5); // the third and the fourth have a short pause between them
      return coder.reads.length;
    };
    const all = await count(0);
    expect(await count(300)).toBe(all);
    const slow = await count(900); // ms for a reading; each is of a third of a second
    expect(slow).toBeLessThan(all / 2);
    expect(slow).toBeGreaterThan(all / 6);
  });
});
