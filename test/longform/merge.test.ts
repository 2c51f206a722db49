/** Windows become one text: with a fake recognizer that knows the spoken characters, every one of them is written once. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MODEL_RATE } from "../../src/audio/limits.ts";
import type { Recognition } from "../../src/recognizers/result.ts";
import { cutFixed } from "../../src/longform/cuts.ts";
import { segmentsOf } from "../../src/longform/merge.ts";
import type { RecognizedWindow } from "../../src/longform/recognize-windows.ts";
import { joinTexts } from "../../src/longform/segment.ts";
import type { Join, Segment } from "../../src/longform/result.ts";
import { Samples, windowsOf } from "../../src/longform/windows.ts";
import type { TimedUnit } from "../../src/text/timestamps/timed.ts";
import { toWords } from "../../src/text/timestamps/words.ts";
import { uniform } from "../helpers/builders/random.ts";

const letters = Array.from("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏");

/** A recording in which a character is spoken every quarter of a second. */
function recording(seconds: number, seed: number): TimedUnit[] {
  const next = uniform(seed);
  return Array.from({ length: seconds * 4 }, (_, i) => ({
    text: letters[Math.floor(next() * letters.length)]!,
    start: i / 4,
    end: i / 4 + 0.2,
    source: "ctc",
  }));
}

/** The recognition of the seconds [from, to): the characters that are whole in it, up to `wrong` of them wrong at each edge. */
function recognize(
  spoken: readonly TimedUnit[],
  from: number,
  to: number,
  wrong: number,
  jitter: number,
): Recognition {
  const next = uniform(Math.round(from * 1000));
  const own = spoken.filter(({ start, end }) => start >= from && end <= to);
  const units = own.map((unit, i): TimedUnit => {
    const edge = i < wrong || i >= own.length - wrong;
    const shift = (next() - 0.5) * jitter;
    return {
      ...unit,
      text: edge && from > 0 && i < wrong ? "误" : unit.text,
      start: Math.max(0, unit.start - from + shift),
      end: Math.max(0, unit.end - from + shift),
    };
  });
  const counts = {
    prefixTokens: 1,
    audioTokens: 1,
    suffixTokens: 1,
    generatedTokens: units.length,
    steps: 1,
    accepted: 0,
  };
  const text = units.map((unit) => unit.text).join("");
  return { text, characters: units, words: toWords(units), tokens: [], counts, timings: {}, warnings: [] };
}

async function transcribe(
  spoken: readonly TimedUnit[],
  seconds: number,
  { window = 8, overlap = 2, wrong = 0, jitter = 0, overlaps = true } = {},
): Promise<{ segments: Segment[]; joins: Join[] }> {
  async function* silence(): AsyncGenerator<Float32Array, string> {
    yield new Float32Array(seconds * MODEL_RATE);
    return "read";
  }
  const joins: Join[] = [];
  const segments: Segment[] = [];
  const windows = windowsOf(
    new Samples(silence()),
    window * MODEL_RATE,
    cutFixed({ overlap: overlaps ? overlap : 0 }),
  );
  async function* recognized(): AsyncGenerator<RecognizedWindow> {
    for await (const each of windows) {
      const [from, to] = [each.start / MODEL_RATE, (each.start + each.samples.length) / MODEL_RATE];
      yield { window: each, recognition: recognize(spoken, from, to, wrong, jitter) };
    }
  }
  const onJoin = (join: Join): void => void joins.push(join);
  const parts = segmentsOf(recognized(), { overlaps, keepCharacters: true, onJoin });
  for await (const segment of parts) segments.push(segment);
  return { segments, joins };
}

const textOf = (units: readonly { text: string }[]): string => units.map(({ text }) => text).join("");

describe("windows that overlap", () => {
  it("give every character once, for any text and with uncertain times", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 5, max: 60 }), async (seed, seconds) => {
        const spoken = recording(seconds, seed);
        const { segments } = await transcribe(spoken, seconds, { jitter: 0.1 });
        expect(textOf(segments)).toBe(textOf(spoken));
        const units = segments.flatMap((segment) => segment.characters!);
        expect(units.map(({ text }) => text)).toEqual(spoken.map(({ text }) => text));
        for (const [i, unit] of units.entries()) expect(unit.start).toBeCloseTo(spoken[i]!.start, 0);
      }),
      { numRuns: 50 },
    );
  });

  it("tolerate a wrong character at the edge of a window", async () => {
    const spoken = recording(40, 3);
    const { segments, joins } = await transcribe(spoken, 40, { wrong: 1 });
    expect(textOf(segments)).toBe(textOf(spoken));
    expect(joins).toHaveLength(6);
    expect(joins[0]).toMatchObject({ at: 6, how: "overlap", dropped: "" });
    expect(joins[0]!.after.startsWith("误")).toBe(true);
    expect(textOf(spoken)).toContain(joins[0]!.before);
  });

  it("have segments in order, with times of the recording and their own words", async () => {
    const spoken = recording(30, 4);
    const { segments } = await transcribe(spoken, 30);
    expect(segments.map(({ id }) => id)).toEqual(segments.map((_, i) => i));
    for (const [i, { start, end, words, characters }] of segments.entries()) {
      expect(start).toBe(words![0]!.start);
      expect(end).toBe(words!.at(-1)!.end);
      expect(start).toBeGreaterThanOrEqual(segments[i - 1]?.end ?? 0);
      expect(words!.map(({ text }) => text)).toEqual(characters!.map(({ text }) => text));
    }
  });

  it("are cut without a merge, and reported as cut, where there are no times", async () => {
    const spoken = recording(16, 5);
    const { segments, joins } = await transcribe(spoken, 16, { overlaps: false });
    expect(segments).toHaveLength(2);
    expect(joins).toEqual([expect.objectContaining({ at: 8, how: "cut" })]);
  });
});

describe("joining texts", () => {
  it.each([
    [["今天有雨。", "明天晴。"], "今天有雨。明天晴。"],
    [["See you.", "Good bye."], "See you. Good bye."],
    [["他说", "hello"], "他说 hello"],
    [[" 一 ", "", "二"], "一二"],
    [["かな", "カナ"], "かなカナ"],
    [[], ""],
  ])("%j", (texts, joined) => {
    expect(joinTexts(texts)).toBe(joined);
  });
});
