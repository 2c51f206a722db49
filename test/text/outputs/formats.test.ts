import { parse } from "@plussub/srt-vtt-parser";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { clock, lyricClock } from "../../../src/text/outputs/clock.ts";
import { shapeCues } from "../../../src/text/outputs/cues.ts";
import { OUTPUT_FORMATS } from "../../../src/text/outputs/formats.ts";
import { SAMPLE, segment, transcript } from "../../helpers/builders/transcripts.ts";

interface Entry {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const options = { name: "my talk" };
const cues = shapeCues(SAMPLE).map(({ text, start, end }) => ({
  from: Math.round(start * 1000),
  to: Math.round(end * 1000),
  text,
}));
const write = (name: keyof typeof OUTPUT_FORMATS, what = SAMPLE): string =>
  OUTPUT_FORMATS[name].write(what, options);

describe("clocks", () => {
  it.each([
    [0, "00:00:00,000", "00:00.00"],
    [1.0204, "00:00:01,020", "00:01.02"],
    [59.9996, "00:01:00,000", "01:00.00"],
    [3661.5, "01:01:01,500", "61:01.50"],
    [360_000, "100:00:00,000", "6000:00.00"],
  ])("%d s", (seconds, subRip, lyric) => {
    expect(clock(seconds, ",")).toBe(subRip);
    expect(lyricClock(seconds)).toBe(lyric);
  });
});

describe("outputs parse back", () => {
  it("SubRip", () => {
    const { entries } = parse(write("srt"));
    const shown = cues.map((cue) => ({ ...cue, text: cue.text.replace("-->", "-›").replace("<", "‹") }));
    expect(entries.map(({ from, to, text }: Entry) => ({ from, to, text }))).toEqual(shown);
    expect(entries.map(({ id }: Entry) => id)).toEqual(cues.map((_, i) => String(i + 1)));
  });

  it("WebVTT", () => {
    const { entries } = parse(write("vtt"));
    const unescape = (text: string): string =>
      text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    expect(entries.map(({ from, to, text }: Entry) => ({ from, to, text: unescape(text) }))).toEqual(cues);
    expect(write("vtt")).toMatch(/^WEBVTT\n\n00:00:01\.000 --> /u);
    expect(write("vtt")).not.toMatch(/--> now/u);
  });

  it("CSV and TSV", () => {
    const rows = SAMPLE.segments.map(({ start, end, text }) => ({
      start: String(Math.round(start * 1000)),
      end: String(Math.round(end * 1000)),
      text: text.replaceAll(/\s+/gu, " "),
    }));
    const csv = Papa.parse(write("csv"), { header: true, skipEmptyLines: true });
    expect(csv.errors).toEqual([]);
    expect(csv.data).toEqual(rows);
    const tsv = Papa.parse(write("tsv"), {
      header: true,
      delimiter: "\t",
      quoteChar: "\0",
      skipEmptyLines: true,
    });
    expect(tsv.errors).toEqual([]);
    expect(tsv.data).toEqual(rows);
  });

  it("JSON, with the fields of the result and times in milliseconds", () => {
    const document = { ...SAMPLE, file: "a.wav", agreement: 0.98765, joins: [{ at: 1.23456 }] };
    const value = JSON.parse(OUTPUT_FORMATS.json.write(SAMPLE, { ...options, document })) as object;
    expect(value).toMatchObject({ version: 2, file: "a.wav", agreement: 0.98765, joins: [{ at: 1.235 }] });
    const first = { text: "大", start: 1, end: 1.2, source: "ctc", score: 0.5 };
    expect(value).toHaveProperty("segments.0.words.0", first);
    const bare = JSON.parse(write("json", { text: "", duration: 0, segments: [] })) as object;
    expect(bare).toEqual({ version: 2, text: "", duration: 0, segments: [] });
  });
});

describe("outputs line by line", () => {
  it("plain text", () => {
    expect(write("txt", { text: " 你好 ", duration: 1, segments: [] })).toBe("你好\n");
  });

  it("LRC, cleared where a pause follows", () => {
    expect(write("lrc").split("\n").slice(0, 5)).toEqual([
      "[00:01.00]大家好，2026年开会。",
      "[00:03.70]",
      '[00:05.50]He said: "A < B & C",',
      "[00:06.82]then left --> now; ok?",
      "[00:08.58]",
    ]);
  });

  it("CTM", () => {
    expect(write("ctm").split("\n").slice(0, 5)).toEqual([
      "my_talk 1 1.000 0.200 大 0.500",
      "my_talk 1 1.200 0.200 家 0.500",
      "my_talk 1 1.400 0.200 好 0.500",
      "my_talk 1 1.800 0.800 2026 0.500",
      "my_talk 1 2.600 0.200 年 0.500",
    ]);
  });

  it("CTM, whose fields are separated by spaces", () => {
    const words = [{ text: "New York", start: 1.5, end: 1.7, source: "ctc", score: 0.5 }] as const;
    const line = write("ctm", transcript({ ...segment("New York", 1.5), words }));
    expect(line).toBe("my_talk 1 1.500 0.200 New_York 0.500\n");
  });

  it("RTTM", () => {
    expect(write("rttm", transcript(segment("好", 1.5)))).toBe(
      "SPEAKER my_talk 1 1.500 0.200 <NA> <NA> speech <NA> <NA>\n",
    );
  });

  it("TextGrid, whose tiers cover the recording", () => {
    const grid = write("textgrid", transcript(segment('好"a', 0.5)));
    expect(grid).toBe(GRID);
  });
});

describe("TextGrid tiers", () => {
  it("have no gaps and no overlaps, even where the segments have", () => {
    const overlapping = transcript(segment("一二三", 0), segment("四五", 0.4), {
      text: "",
      start: 3,
      end: 3,
    });
    for (const tier of write("textgrid", overlapping).split("IntervalTier").slice(1)) {
      const bounds = [...tier.matchAll(/ {12}xm(?:in|ax) = ([\d.]+)/gu)].map(([, time]) => Number(time));
      expect(bounds[0]).toBe(0);
      expect(bounds.at(-1)).toBe(overlapping.duration);
      for (let i = 0; i < bounds.length; i += 2) expect(bounds[i + 1]).toBeGreaterThan(bounds[i] ?? Infinity);
      for (let i = 2; i < bounds.length; i += 2) expect(bounds[i]).toBe(bounds[i - 1]);
    }
  });
});

const GRID = `File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.1
tiers? <exists>
size = 3
item []:
    item [1]:
        class = "IntervalTier"
        name = "segments"
        xmin = 0
        xmax = 2.1
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = ""
        intervals [2]:
            xmin = 0.5
            xmax = 1.1
            text = "好""a"
        intervals [3]:
            xmin = 1.1
            xmax = 2.1
            text = ""
    item [2]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 2.1
        intervals: size = 4
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = ""
        intervals [2]:
            xmin = 0.5
            xmax = 0.7
            text = "好"""
        intervals [3]:
            xmin = 0.7
            xmax = 0.9
            text = ""
        intervals [4]:
            xmin = 0.9
            xmax = 1.1
            text = "a"
        intervals [5]:
            xmin = 1.1
            xmax = 2.1
            text = ""
    item [3]:
        class = "IntervalTier"
        name = "characters"
        xmin = 0
        xmax = 2.1
        intervals: size = 5
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = ""
        intervals [2]:
            xmin = 0.5
            xmax = 0.7
            text = "好"
        intervals [3]:
            xmin = 0.7
            xmax = 0.9
            text = """"
        intervals [4]:
            xmin = 0.9
            xmax = 1.1
            text = "a"
        intervals [5]:
            xmin = 1.1
            xmax = 2.1
            text = ""
`.replace("intervals: size = 4", "intervals: size = 5");
