/** Text while it is generated: it grows in every window, and changes nothing else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/index.ts";
import type { PartialResult, Segment, Transcriber, Transcription } from "../../src/index.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { withEvents, withPartials } from "../../src/longform/events.ts";
import { joinTexts } from "../../src/longform/segment.ts";
import { concatenation } from "../helpers/builders/concatenations.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { untimed } from "../helpers/environment/untimed.ts";
import { createStream, decodeStream } from "../../src/compat/index.ts";

let model: Transcriber;
let samples: Float32Array;
beforeAll(async () => {
  model = await load(fixture("../models/demo/fun-asr-demo-q8_0.gguf"));
  ({ samples } = await concatenation(5, { seconds: 8 }));
});
afterAll(() => model.dispose());

const options = { chunk: { seconds: 7 }, timestamps: "word" } as const;

/** All events of a stream, in order, and its result. */
async function eventsOf(
  stream: AsyncGenerator<Segment | PartialResult, object>,
): Promise<{ events: (Segment | PartialResult)[]; result: object }> {
  const events: (Segment | PartialResult)[] = [];
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { events, result: next.value };
    events.push(next.value);
  }
}

const isPartial = (event: Segment | PartialResult): event is PartialResult => "event" in event;

describe("a recording of several windows", () => {
  it("yields the draft, then the text as it grows, then the segment; the result is the same as without", async () => {
    const received: (Segment | PartialResult)[] = [];
    const receive = (event: Segment | PartialResult): void => void received.push(event);
    const { events, result } = await eventsOf(
      model.transcribeStream(samples, { ...options, partials: true, onSegment: receive, onPartial: receive }),
    );
    expect(events).toEqual(received);
    const plain = await eventsOf(model.transcribeStream(samples, options));
    expect(untimed(result)).toEqual(untimed(plain.result));
    expect(untimed(events.filter((event) => !isPartial(event)))).toEqual(untimed(plain.events));
    expect(plain.events.length).toBeGreaterThan(1);

    for (let part = 0; part < plain.events.length; part++) {
      const end = events.findIndex((event) => !isPartial(event));
      const [before, [segment]] = [events.splice(0, end), events.splice(0, 1)];
      const partials = before.filter(isPartial);
      expect(partials.length).toBeGreaterThan(3);
      expect(new Set(partials.map((partial) => partial.part))).toEqual(new Set([part]));
      expect(new Set(partials.map(({ start }) => start)).size).toBe(1);
      expect(partials[0]!.start).toBeLessThanOrEqual((segment as Segment).start);
      expect(partials.map(({ source }) => source).lastIndexOf("draft")).toBe(0);
      const texts = partials.slice(1).map(({ text }) => text);
      for (const [i, text] of texts.entries()) {
        expect(text.startsWith(texts[i - 1] ?? "")).toBe(true);
        expect(text).not.toBe(texts[i - 1]);
      }
      expect(texts.at(-1)).toBe((segment as Segment).text);
      expect(partials[0]!.text).toBe((segment as Segment).ctcText);
    }
    expect(events).toEqual([]);
  });

  it("has a draft, unless the CTC branch is off", async () => {
    const sourcesWith = async (ctc: "auto" | "off"): Promise<string[]> => {
      const sources = new Set<string>();
      const onPartial = ({ source }: PartialResult): void => void sources.add(source);
      await model.transcribe(samples, { chunk: { ...options.chunk, overlap: 0 }, ctc, onPartial });
      return [...sources];
    };
    expect(await sourcesWith("auto")).toEqual(["draft", "text"]);
    expect(await sourcesWith("off")).toEqual(["text"]);
  });

  it("has the texts of the CTC branch, where that writes them", async () => {
    const partials: PartialResult[] = [];
    const { segments } = await model.transcribe(samples, {
      ...options,
      decoder: "ctc",
      onPartial: (partial) => void partials.push(partial),
    });
    expect(partials.map(({ part }) => part)).toEqual(segments.map((_, i) => i));
    expect(new Set(partials.map(({ source }) => source))).toEqual(new Set(["text"]));
    expect(partials[0]!.text.startsWith(segments[0]!.text.slice(0, 5))).toBe(true);
  });

  it("can be left in the middle of a text, which aborts it and frees everything", async () => {
    const before = liveTensors();
    const final: Segment[] = [];
    const onSegment = (segment: Segment): void => void final.push(segment);
    for await (const event of model.transcribeStream(samples, { ...options, onSegment, partials: true })) {
      if (isPartial(event) && event.part === 1 && event.source === "text") break;
    }
    expect(final).toHaveLength(1);
    expect(liveTensors()).toBe(before);
    await expect(
      eventsOf(model.transcribeStream(samples, { partials: true, start: 1000 })),
    ).rejects.toMatchObject({ code: "audio_empty" });
  });

  it("shows in a sherpa stream while that is decoded", async () => {
    const stream = createStream();
    stream.acceptWaveform(16_000, samples);
    stream.inputFinished();
    const seen: string[] = [];
    const final: string[] = [];
    await decodeStream(model, stream, {
      ...options,
      onPartial: ({ text }) => void seen.push(joinTexts([...final, text])),
      onSegment: ({ text }) => void final.push(text),
      onToken: () => {
        // What an earlier token made of it.
        if (seen.length > 0) expect([seen.at(-1), joinTexts(final)]).toContain(stream.result.text);
      },
    });
    expect(seen.length).toBeGreaterThan(10);
    expect(stream.result.text).toBe(joinTexts(final));
    expect(stream.result.tokens.length).toBeGreaterThan(0);
  });
});

describe("partial results", () => {
  it("begin again with another attempt, and come once each", () => {
    const partials: PartialResult[] = [];
    const { onToken, onDraft } = withPartials(
      { onPartial: (partial) => void partials.push(partial) },
      { part: 2, start: 4.5 },
    );
    onDraft!(" ab ");
    for (const [piece, attempt] of [
      [" ", 0],
      ["a", 0],
      ["b", 0],
      [" ", 0],
      ["c", 1],
      ["d", 1],
    ] as const)
      // prettier-ignore
      onToken!(piece, attempt);
    expect(partials.map(({ source, text }) => [source, text])).toEqual([
      ["draft", "ab"],
      ["text", "a"],
      ["text", "ab"],
      ["text", "c"],
      ["text", "cd"],
    ]);
    expect(partials[0]).toEqual({ event: "partial", part: 2, start: 4.5, source: "draft", text: "ab" });
  });

  it("change nothing without onPartial", () => {
    const given = { onToken: () => {} };
    expect(withPartials(given, { part: 0, start: 0 })).toBe(given);
  });
});

describe("events of a transcription", () => {
  const segment = (id: number): Segment => ({ id }) as Segment;
  const transcription = { text: "done" } as Transcription;

  it("are yielded in order, then the result", async () => {
    const stream = withEvents(async ({ onSegment }) => {
      onSegment!(segment(1));
      await Promise.resolve();
      onSegment!(segment(2));
      return transcription;
    }, {});
    expect(await stream.next()).toEqual({ done: false, value: segment(1) });
    expect(await stream.next()).toEqual({ done: false, value: segment(2) });
    expect(await stream.next()).toEqual({ done: true, value: transcription });
  });

  it("end with the error of the work, and with the caller's abort", async () => {
    const failing = withEvents(async ({ onSegment }) => {
      onSegment!(segment(1));
      throw new RangeError("no");
    }, {});
    await failing.next();
    await expect(failing.next()).rejects.toThrow(RangeError);
    const controller = new AbortController();
    const waiting = withEvents(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal!.addEventListener("abort", () => reject(signal!.reason as Error));
        }),
      { signal: controller.signal },
    );
    const next = waiting.next();
    controller.abort();
    await expect(next).rejects.toHaveProperty("name", "AbortError");
  });
});
