/** Windows that are cut by voice activity detection. */
import { describe, expect, it } from "vitest";
import { detectSpeech, load } from "../../src/index.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { cutAtSpeech } from "../../src/longform/speech-runs.ts";
import { Samples, windowsOf } from "../../src/longform/windows.ts";
import type { SampleSpan } from "../../src/longform/cutter.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { normals } from "../helpers/builders/random.ts";

const file = fixture("tiny/fsmn-vad/fsmn-vad.gguf");

describe("cutting by VAD", () => {
  /** A detector for known spans of speech, which reports the end of each 1.85 s later. */
  function detector(speech: readonly SampleSpan[]): Parameters<typeof cutAtSpeech>[1] {
    let received = 0;
    let reported = 0;
    return {
      get open() {
        const next = speech[reported];
        return next !== undefined && received >= next.start + 2400 ? next.start : undefined;
      },
      async push(samples) {
        received += samples.length;
        const spans: SampleSpan[] = [];
        while (reported < speech.length && speech[reported]!.end + 29_600 <= received)
          spans.push(speech[reported++]!);
        return spans;
      },
      async end(length) {
        return speech.slice(reported).map(({ start, end }) => ({ start, end: Math.min(end, length) }));
      },
    };
  }

  async function windows(seconds: number, speech: [number, number][], from = 0): Promise<number[][]> {
    async function* silence(): AsyncGenerator<Float32Array, string> {
      for (let i = 0; i < seconds; i++) yield normals(i, 16_000, 0.1);
      return "read";
    }
    const spans = speech.map(([start, end]) => ({ start: start * 16_000, end: end * 16_000 }));
    const samples = new Samples(silence(), from * 16_000);
    const found: number[][] = [];
    const cutter = cutAtSpeech({ overlap: 2, pause: 0.8 }, detector(spans));
    for await (const { start, samples: own } of windowsOf(samples, 160_000, cutter)) {
      found.push([start / 16_000, (start + own.length) / 16_000]);
    }
    return found;
  }

  it("gives every speech segment, and nothing else", async () => {
    const speech: [number, number][] = [[1, 3], [4, 9], [9, 12], [30, 38], [38, 39], [58, 60]]; // prettier-ignore
    expect(await windows(60, speech)).toEqual(speech);
  });

  it("cuts speech that is longer than a window, and loses none of it", async () => {
    const [first, ...rest] = await windows(40, [[2, 33]]);
    expect(first![0]).toBe(2);
    expect(rest.at(-1)![1]).toBe(33);
    for (const [i, [start, end]] of rest.entries()) {
      const before = (rest[i - 1] ?? first)![1]!;
      expect(start).toBeLessThan(before);
      expect(end! - start!).toBeLessThanOrEqual(10);
    }
  });

  it("goes on behind the last span, also where that ends with the block", async () => {
    const spans = [
      { start: 0, end: 100 },
      { start: 200, end: 300 },
      { start: 400, end: 15_990 },
    ];
    const speech = { open: undefined, push: async () => [...spans], end: async () => [] };
    const { windows: cuts, next } = await cutAtSpeech({ overlap: 2, pause: 0.8 }, speech)(
      normals(1, 16_000, 0.1),
      false,
      0,
    );
    expect(cuts.map(({ from, to }) => [from, to])).toEqual(spans.map(({ start, end }) => [start, end]));
    expect(next).toBe(15_990);
  });

  it("counts from the start of the recognized part", async () => {
    expect(await windows(40, [[1, 3], [14, 20]], 5)).toEqual([[6, 8], [19, 25]]); // prettier-ignore
  });

  it("is what transcribe does with a detector", async () => {
    const before = liveTensors();
    const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
    {
      using transcriber = await load(model, { vad: file });
      const samples = normals(9, 12 * 16_000, 0.1);
      const options = { decoder: "ctc", chunk: { seconds: 5, cut: "vad" } } as const;
      const { segments } = await transcriber.transcribe(samples, options);
      const spans = await detectSpeech(samples, { vad: file });
      for (const { start } of segments) {
        expect(spans.some((span) => start >= span.start - 1e-6 && start < span.end)).toBe(true);
      }
      using without = await load(model);
      await expect(without.transcribe(samples, options)).rejects.toMatchObject({ code: "bad_option" });
    }
    expect(liveTensors()).toBe(before);
  });
});
