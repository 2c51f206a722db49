/** Eleven hours in many segments, with every character that is special in a format, read back by other parsers. */
import { parse } from "@plussub/srt-vtt-parser";
import { Lrc } from "lrc-kit";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { shapeCues } from "../../../src/text/outputs/cues.ts";
import { OUTPUT_FORMATS } from "../../../src/text/outputs/formats.ts";
import type { OutputName } from "../../../src/text/outputs/formats.ts";
import { parseCtm, parseRttm } from "../../helpers/builders/nist.ts";
import { uniform } from "../../helpers/builders/random.ts";
import { parseTextGrid } from "../../helpers/builders/textgrid.ts";
import { segment, transcript } from "../../helpers/builders/transcripts.ts";

interface Entry {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const TEXTS = [
  "大家好，我们开始吧。",
  'He said: "A < B & C", then\tleft --> now; ok?',
  "one\ntwo\r\n\r\nthree, four",
  "[12:30.50]十二点半[注]开会",
  "<b>AT&T</b> &amp; &lt;x&gt; <00:01.00>",
  "a \"quoted, text\" and 'another'",
  "NOTE 1\n00:00:01.000 --> 00:00:02.000",
  "=1+2;;3|4\\5",
  "50% of $3.14 — c'est \"l'été\" 👋🏽",
  "¿Qué? «Sí», “no”…",
];
const next = uniform(7);
const starts = [0.0004, 59.9996, 3599.9995, 3723.456, 35_999.9996, 39_000];
const segments = starts.flatMap((first) => {
  let at = first;
  return TEXTS.map((text) => {
    const step = 0.05 + 0.1234567 * next();
    const made = segment(text, at, step);
    at = made.end + 0.2 + 3 * next();
    return made;
  });
});
const LONG = transcript(...segments);
const name = "a talk";
const write = (format: OutputName): string => OUTPUT_FORMATS[format].write(LONG, { name });
const ms = (seconds: number): number => Math.round(seconds * 1000);
const line = (text: string): string => text.replaceAll(/\s+/gu, " ").trim();
const cues = shapeCues(LONG).map(({ text, start, end }) => ({ from: ms(start), to: ms(end), text }));
const words = LONG.segments.flatMap((one) => one.words ?? []);

it("has cues beyond one hour", () => {
  expect(cues.length).toBeGreaterThan(0.8 * segments.length);
  expect(cues.filter(({ from }) => from > 36_000_000).length).toBeGreaterThan(10);
});

it("SubRip", () => {
  const text = write("srt");
  const { entries } = parse(text);
  expect(entries.map(({ from, to, text: own }: Entry) => ({ from, to, text: own }))).toEqual(
    cues.map((cue) => ({
      ...cue,
      text: cue.text.replaceAll("-->", "->").replaceAll(/<([^<>]*)>/gu, "‹$1›"),
    })),
  );
  expect(entries.map(({ id }: Entry) => id)).toEqual(cues.map((_, i) => String(i + 1)));
  expect(text).toContain("\n01:02:03,456 --> 01:02:0");
  expect(text).toContain("\n10:00:00,000 --> ");
});

it("WebVTT", () => {
  const { entries } = parse(write("vtt"));
  const plain = (text: string): string =>
    text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  expect(entries.map(({ from, to, text }: Entry) => ({ from, to, text: plain(text) }))).toEqual(cues);
});

it("LRC", () => {
  const { lyrics } = Lrc.parse(write("lrc"), { enhanced: false });
  const spoken = lyrics.filter(({ content }) => content !== "");
  const round = (text: string): string => text.replaceAll("[", "(").replaceAll("]", ")");
  const cues = shapeCues(LONG, { maxLines: 1 }).map(({ text, start, end }) => ({
    from: ms(start),
    to: ms(end),
    text,
  }));
  expect(spoken.map(({ content }) => content)).toEqual(cues.map(({ text }) => round(text)));
  for (const [i, { timestamp }] of spoken.entries()) {
    expect(Math.abs(timestamp * 1000 - cues[i]!.from)).toBeLessThanOrEqual(6);
  }
  for (const { timestamp } of lyrics.filter(({ content }) => content === "")) {
    expect(cues.some(({ to }) => Math.abs(timestamp * 1000 - to) <= 6)).toBe(true);
  }
});

describe("tables", () => {
  const rows = segments.map(({ start, end, text }) => [String(ms(start)), String(ms(end)), line(text)]);
  const header = ["start", "end", "text"];

  it.each([
    ["escape", (text: string) => text.replace(/^=/u, "'=")],
    ["keep", (text: string) => text],
  ] as const)("CSV, with formulas: %s", (formulas, shown) => {
    const csv = OUTPUT_FORMATS.csv.write(LONG, { formulas });
    const { data, errors } = Papa.parse(csv, { newline: "\r\n", skipEmptyLines: true });
    expect(errors).toEqual([]);
    expect(data).toEqual([header, ...rows.map(([start, end, text]) => [start, end, shown(text!)])]);
    if (formulas === "escape") expect(write("csv")).toBe(csv);
  });

  it("TSV, which quotes nothing", () => {
    const plain = { delimiter: "\t", quoteChar: "\0", newline: "\n", skipEmptyLines: true } as const;
    const { data, errors } = Papa.parse(write("tsv"), plain);
    expect(errors).toEqual([]);
    expect(data).toEqual([header, ...rows]);
  });
});

it("TextGrid", () => {
  const { start, end, tiers } = parseTextGrid(write("textgrid"));
  expect([start, end]).toEqual([0, Math.round(LONG.duration * 1e6) / 1e6]);
  expect(tiers.map((tier) => tier.name)).toEqual(["segments", "words", "characters"]);
  const characters = segments.flatMap((one) => one.characters ?? []);
  for (const [i, units] of [segments, words, characters].entries()) {
    const { intervals, ...tier } = tiers[i]!;
    expect([tier.start, tier.end]).toEqual([0, end]);
    for (const [at, interval] of intervals.entries()) {
      expect(interval.start).toBe(intervals[at - 1]?.end ?? 0);
      expect(interval.end).toBeGreaterThan(interval.start);
    }
    expect(intervals.at(-1)!.end).toBe(end);
    const said = intervals.filter(({ text }) => text !== "");
    const wanted = units
      .map((unit) => ({ ...unit, text: line(unit.text) }))
      .filter(({ text }) => text !== "");
    expect(said.map(({ text }) => text)).toEqual(wanted.map(({ text }) => text));
    for (const [at, unit] of wanted.entries()) {
      expect(said[at]!.start).toBeCloseTo(unit.start, 5);
      expect(said[at]!.end).toBeCloseTo(unit.end, 5);
    }
  }
});

it("CTM", () => {
  const read = parseCtm(write("ctm"));
  const letters = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, "");
  expect(read.map(({ word }) => letters(word))).toEqual(words.map(({ text }) => letters(text)));
  expect(read.every(({ file, channel }) => file === "a_talk" && channel === "1")).toBe(true);
  for (const [i, { start, duration, confidence }] of read.entries()) {
    expect([ms(start), ms(start + duration)]).toEqual([ms(words[i]!.start), ms(words[i]!.end)]);
    expect(duration).toBeGreaterThan(0);
    expect(confidence).toBe(0.5);
  }
});

it("RTTM", () => {
  const turns = parseRttm(write("rttm"));
  expect(turns.map(({ start, duration }) => [ms(start), ms(start + duration)])).toEqual(
    segments.map(({ start, end }) => [ms(start), ms(end)]),
  );
  for (const turn of turns) {
    expect(turn).toMatchObject({ file: "a_talk", channel: "1", orthography: "<NA>", subtype: "<NA>" });
  }
});
