/** What holds for the cues of any transcript, in scripts with and without spaces. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsOf, isCjk } from "../../../src/text/columns.ts";
import { shapeCues } from "../../../src/text/outputs/cues.ts";
import { OUTPUT_FORMATS } from "../../../src/text/outputs/formats.ts";
import type { Transcript, TranscriptSegment } from "../../../src/text/outputs/transcript.ts";
import { clusterStarts } from "../../../src/text/timestamps/graphemes.ts";
import { settle } from "../../../src/text/timestamps/timed.ts";
import { within } from "../../../src/text/timestamps/within.ts";
import { groupWords, toWords } from "../../../src/text/timestamps/words.ts";

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  Latin: [
    "the",
    "a",
    "of",
    "house",
    "Dr.",
    "New",
    "York",
    "internationalisation",
    "don't",
    "3.14",
    "No",
    "é",
    "e\u0301",
  ],
  Chinese: ["今", "天", "图", "书", "馆", "的", "在", "第", "三", "𠮷"],
  Japanese: ["き", "ゃ", "ー", "を", "キ", "ッ", "々", "日", "ｶ", "ﾞ"],
  Korean: ["한", "국", "\u1112\u1161\u11ab", "어"],
  Thai: ["กิ", "น", "ข้", "า", "ว", "แ", "ล", "น้ำ"],
  Devanagari: ["क्", "षि", "न", "मः"],
  Khmer: ["ក្", "ក", "ណៅ"],
  Arabic: ["قال", "مرحبا", "وَ"],
  Tamil: ["கௌ", "நி"],
  emoji: ["👩\u200d👩\u200d👧", "👋🏽", "🇨🇳", "❤\ufe0f", "1\ufe0f\u20e3"],
  signs: [
    " ",
    " ",
    " ",
    ",",
    ".",
    "。",
    "，",
    "!",
    "？",
    "“",
    "”",
    "(",
    ")",
    "「",
    "」",
    "-",
    "—",
    "…",
    "<",
    ">",
    "&",
    "\n",
    "\u3000",
  ],
};
const unit = fc.constantFrom(...Object.values(SCRIPTS).flat());
const mixed = fc.string({ unit, maxLength: 120, size: "max" });
const inOne = fc
  .constantFrom(...Object.keys(SCRIPTS))
  .chain((name) =>
    fc.string({ unit: fc.constantFrom(...SCRIPTS[name]!, " ", " ", ",", "."), maxLength: 200, size: "max" }),
  );

/** Characters with random lengths and pauses; a segment may begin before the one before it ends. */
const segmentOf = fc.record({
  text: fc.oneof(mixed, inOne),
  steps: fc.array(fc.constantFrom(0, 0, 0.006, 0.06, 0.06, 0.1, 0.2, 0.5, 1, 3, 9), {
    minLength: 1,
    maxLength: 60,
  }),
  pause: fc.constantFrom(-0.3, 0, 0, 0.02, 0.4, 1, 2, 8),
  timed: fc.boolean(),
});
const transcripts = fc
  .tuple(fc.array(segmentOf, { maxLength: 6 }), fc.constantFrom(0, 0.01, 1))
  .map(([parts, rest]): Transcript => {
    const segments: TranscriptSegment[] = [];
    let at = 0;
    for (const { text, steps, pause, timed } of parts) {
      const start = Math.max(0, at + pause);
      let time = start;
      const rough = Array.from(text, (character, i) => {
        const [from, step] = [time, steps[i % steps.length]!];
        time += step;
        return {
          text: character,
          start: from,
          end: from + step * (i % 3 === 0 ? 0.5 : 1),
          source: "ctc" as const,
        };
      });
      const characters = settle(rough);
      const words = toWords(characters);
      const end = characters.at(-1)?.end ?? start;
      segments.push({ text, start, end, ...(timed ? { characters, words } : {}) });
      at = end;
    }
    const duration = at + rest;
    const bounded = segments.map(({ characters, ...segment }) =>
      characters === undefined ? segment : { ...segment, characters: within(characters, duration) },
    );
    return { text: segments.map(({ text }) => text).join(""), duration, segments: bounded };
  });
const shapes = fc.record({
  maxChars: fc.constantFrom(undefined, 2, 8, 20, 60),
  maxLines: fc.constantFrom(undefined, 1, 2, 3),
  maxSeconds: fc.constantFrom(undefined, 1, 4),
  minGap: fc.constantFrom(undefined, 0, 0.5),
  borders: fc.constantFrom(undefined, "free" as const, "segments" as const, "cues" as const),
});

const letters = (text: string): string => text.replaceAll(/\s/gu, "");
const RUNS = { numRuns: 150 };

describe("cues of any transcript", () => {
  it("keep all of the text, in order", () => {
    fc.assert(
      fc.property(transcripts, shapes, (transcript, options) => {
        const kept = letters(
          shapeCues(transcript, options)
            .map(({ text }) => text)
            .join(""),
        );
        expect(kept).toBe(letters(transcript.text));
      }),
      RUNS,
    );
  });

  it("never cut within a grapheme cluster", () => {
    fc.assert(
      fc.property(transcripts, shapes, ({ segments, duration }, options) => {
        for (const segment of segments) {
          const lines = shapeCues({ text: segment.text, duration, segments: [segment] }, options).flatMap(
            ({ text }) => text.split("\n").map(letters),
          );
          const whole = letters(segment.text);
          const clusters = clusterStarts(segment.text);
          // Offsets in the text without white space at which a cluster of the written text begins.
          const starts = new Set(
            Array.from(clusters, (offset) => letters(segment.text.slice(0, offset)).length),
          );
          let at = 0;
          for (const line of lines.slice(0, -1)) {
            at += line.length;
            expect(starts.has(at) || at === whole.length).toBe(true);
          }
        }
      }),
      RUNS,
    );
  });

  it("are in order, last, and end with the audio", () => {
    fc.assert(
      fc.property(transcripts, shapes, (transcript, options) => {
        const cues = shapeCues(transcript, options);
        for (const [i, { start, end }] of cues.entries()) {
          expect(end).toBeGreaterThan(start);
          expect(start).toBeGreaterThanOrEqual(cues[i - 1]?.end ?? 0);
          expect(end - start).toBeLessThanOrEqual((options.maxSeconds ?? 7) + 1e-9);
          expect(end).toBeLessThanOrEqual(transcript.duration + 1e-9);
        }
      }),
      RUNS,
    );
  });

  it("have lines that fit, and no more of them than allowed, but for long words", () => {
    fc.assert(
      fc.property(transcripts, shapes, (transcript, options) => {
        for (const { text } of shapeCues(transcript, options)) {
          const lines = text.split("\n");
          const isWord = (line: string): boolean =>
            groupWords(Array.from(line, (one) => ({ text: one, start: 0, end: 1, source: "ctc" as const })))
              .length <= 1;
          const limit = isCjk(text) ? 2 * (options.maxChars ?? 18) : (options.maxChars ?? 42);
          for (const line of lines) expect(columnsOf(line) <= limit || isWord(line)).toBe(true);
          if (options.borders !== "cues") expect(lines.length).toBeLessThanOrEqual(options.maxLines ?? 2);
        }
      }),
      RUNS,
    );
  });

  it("are one for each segment where these are cues", () => {
    fc.assert(
      fc.property(transcripts, (transcript) => {
        const cues = shapeCues(transcript, { borders: "cues" });
        const wanted = transcript.segments.map(({ text }) => letters(text)).filter(Boolean);
        expect(cues.map(({ text }) => letters(text))).toEqual(wanted);
      }),
      RUNS,
    );
  });

  it("give SubRip whose times increase in its milliseconds", () => {
    fc.assert(
      fc.property(transcripts, shapes, (transcript, options) => {
        const srt = OUTPUT_FORMATS.srt.write(transcript, options);
        const times = Array.from(
          srt.matchAll(/(\d+):(\d\d):(\d\d),(\d{3})(?= -->|\n)/gu),
          ([, h, m, s, ms]) => ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms),
        );
        for (const [i, time] of times.entries()) expect(time).toBeGreaterThanOrEqual(times[i - 1] ?? 0);
        for (let i = 0; i < times.length; i += 2) expect(times[i + 1]).toBeGreaterThan(times[i]!);
      }),
      RUNS,
    );
  });
});
