/** Long recordings by a model: the parts' texts, as they come, and an end at any time. */
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/index.ts";
import type { ChunkOptions, Segment, Transcriber } from "../../src/index.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { joinTexts } from "../../src/longform/segment.ts";
import { units } from "../../tools/eval/metrics.ts";
import { concatenation } from "../helpers/builders/concatenations.ts";
import type { Concatenation } from "../helpers/builders/concatenations.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

let model: Transcriber;
let long: Concatenation;
beforeAll(async () => {
  model = await load(fixture("../models/demo/fun-asr-demo-q8_0.gguf"));
  long = await concatenation(11, { seconds: 34 });
});
afterAll(() => model.dispose());

/** What the model drafts for a clip alone: in silence, so that it is cut as well. */
const alone = new Map<Float32Array, Promise<string>>();
function draft(samples: Float32Array, chunk: ChunkOptions): Promise<string> {
  const padded = new Float32Array(samples.length + 8 * 16_000);
  padded.set(samples, 16_000);
  const known =
    alone.get(samples) ?? model.transcribe(padded, { decoder: "ctc", chunk }).then(({ text }) => text);
  alone.set(samples, known);
  return known;
}

describe("random concatenations of clips", () => {
  const cuts: [number, ChunkOptions][] = [
    [20, { seconds: 7 }],
    [4, { seconds: 7, cut: "ctc-blank" }],
  ];
  it.each(cuts)(
    "%i of them have the texts of the clips alone, cut by %j",
    async (times, chunk) => {
      alone.clear();
      for (let seed = 0; seed < times; seed++) {
        const { samples, clips } = await concatenation(seed, { seconds: 7.5 });
        const { text, joins, segments } = await model.transcribe(samples, { decoder: "ctc", chunk });
        expect(joins).toEqual([]);
        expect(segments.map((segment) => segment.text)).toEqual(
          await Promise.all(clips.map((clip) => draft(clip.samples, chunk))),
        );
        expect(text).toBe(joinTexts(segments.map((segment) => segment.text)));
      }
    },
    120_000,
  );
});

describe("a recording of more than a window", () => {
  it("comes segment by segment, then as a whole", async () => {
    const called: Segment[] = [];
    const stages = new Set<number | undefined>();
    const stream = model.transcribeStream(long.samples, {
      decoder: "ctc",
      timestamps: "word",
      onSegment: (segment) => void called.push(segment),
      onProgress: ({ segment }) => void stages.add(segment),
    });
    const yielded: Segment[] = [];
    let next = await stream.next();
    for (; next.done !== true; next = await stream.next()) yielded.push(next.value);
    const { value: whole } = next;
    expect(yielded).toEqual(called);
    expect(whole.segments).toEqual(called);
    expect(called.length).toBe(long.clips.length);
    expect([...stages]).toEqual(called.map(({ id }) => id));
    expect(whole.duration).toBeCloseTo(long.samples.length / 16_000, 5);
    expect(whole.words).toEqual(called.flatMap(({ words }) => words));
    expect(whole.counts.generatedTokens).toBe(whole.tokens.length);
    for (const [i, { utterance, at }] of long.clips.entries()) {
      const { words } = utterance;
      expect(called[i]!.start).toBeCloseTo(at / 16_000 + words[0]!.start, 0);
      expect(called[i]!.end).toBeCloseTo(at / 16_000 + words.at(-1)!.end, 0);
    }
  });

  it("gives the same as each of its parts alone", async () => {
    const { segments } = await model.transcribe(long.samples, { timestamps: "token" });
    for (const { utterance, at } of long.clips.slice(0, 2)) {
      const [start, duration] = [at / 16_000, utterance.samples / 16_000 + 0.3];
      const part = await model.transcribe(long.samples, {
        start,
        duration,
        decoder: "ctc",
        timestamps: "word",
      });
      expect(part.duration).toBeCloseTo(start + duration, 4);
      expect(part.segments).toHaveLength(1);
      expect(part.segments[0]!.start).toBeCloseTo(start + utterance.words[0]!.start, 0);
      expect(segments.some(({ start: other }) => Math.abs(other - part.segments[0]!.start) < 0.5)).toBe(true);
    }
  });

  it("merges windows of fixed length without doubling their overlap", async () => {
    const chunk = { seconds: 12, cut: "fixed", overlap: 3 } as const;
    const fixed = await model.transcribe(long.samples, { decoder: "ctc", chunk, timestamps: "word" });
    const quiet = await model.transcribe(long.samples, { decoder: "ctc" });
    expect(fixed.joins.map(({ how }) => how)).toEqual(["overlap", "overlap", "overlap"]);
    expect(fixed.words!.every(({ start }, i, all) => i === 0 || start >= all[i - 1]!.start)).toBe(true);
    const lengths = [fixed, quiet].map(({ text }) => units("zh", text).length) as [number, number];
    expect(Math.abs(lengths[0] - lengths[1])).toBeLessThan(0.15 * lengths[1]);
    expect(fixed.characters!.length).toBeGreaterThan(0);
    expect((await model.transcribe(long.samples, { decoder: "ctc", chunk })).characters).toBeUndefined();
  });

  it("is recognized in one pass on request", async () => {
    const { segments } = await model.transcribe(long.samples, { decoder: "ctc", chunk: "off" });
    expect(segments).toHaveLength(1);
  });

  it.each([0, 1, 2])("can be aborted in part %i, which frees everything", async (part) => {
    const before = liveTensors();
    const controller = new AbortController();
    let after = 0;
    const onProgress = ({ segment }: { segment?: number }): void => {
      if (controller.signal.aborted) after++;
      if (segment === part) controller.abort();
    };
    const segments: Segment[] = [];
    const work = model.transcribe(long.samples, {
      signal: controller.signal,
      onProgress,
      onSegment: (segment) => void segments.push(segment),
    });
    await expect(work).rejects.toHaveProperty("name", "AbortError");
    expect(segments.length).toBeLessThanOrEqual(part);
    expect(after).toBe(0);
    expect(liveTensors()).toBe(before);
  });

  it("can be left after any segment, which closes the file and frees everything", async () => {
    const before = liveTensors();
    const open = (): number => readdirSync("/proc/self/fd").length;
    const descriptors = process.platform === "linux" ? open() : 0;
    for await (const segment of model.transcribeStream(fixture("audio/demo/zh-long.wav"), {
      decoder: "ctc",
    })) {
      expect(segment.id).toBe(0);
      break;
    }
    expect(liveTensors()).toBe(before);
    if (process.platform === "linux") expect(open()).toBe(descriptors);
  });
});

it("refuses impossible options", async () => {
  const refused = [
    { chunk: { seconds: 0.5 } },
    { chunk: { seconds: 10, overlap: 6 } },
    { chunk: { pause: 0 } },
    { chunk: { cut: "anywhere" as "quiet" } },
    { start: -1 },
    { duration: 0 },
    { start: NaN },
  ];
  for (const options of refused) {
    await expect(model.transcribe(long.samples, options)).rejects.toMatchObject({ code: "bad_option" });
  }
  await expect(model.transcribe(long.samples, { start: 1000 })).rejects.toMatchObject({
    code: "audio_empty",
  });
});
