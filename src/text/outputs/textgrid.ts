/**
 * Praat's TextGrid (long text form, UTF-8): one interval tier each for segments, words and characters, as far as
 * they are available. A tier covers the whole recording without gaps, so pauses are intervals with empty text.
 */
import type { TimedText } from "../timestamps/timed.ts";
import { oneLine } from "./clean.ts";
import { allWords, endOf } from "./transcript.ts";
import type { Transcript } from "./transcript.ts";

export function toTextGrid(transcript: Transcript): string {
  const { segments } = transcript;
  const tiers: [string, readonly TimedText[]][] = [
    ["segments", segments],
    ["words", allWords(transcript)],
    ["characters", segments.flatMap(({ characters }) => characters ?? [])],
  ];
  const last = endOf(transcript);
  const known = tiers.filter(([name, units]) => name === "segments" || units.length > 0);
  const end = seconds(last);
  return [
    `File type = "ooTextFile"`,
    `Object class = "TextGrid"`,
    "",
    "xmin = 0",
    `xmax = ${end}`,
    "tiers? <exists>",
    `size = ${known.length}`,
    "item []:",
    ...known.flatMap(([name, units], i) => [`    item [${i + 1}]:`, ...tier(name, fill(units, last), end)]),
    "",
  ].join("\n");
}

function tier(name: string, intervals: readonly TimedText[], end: string): string[] {
  return [
    `        class = "IntervalTier"`,
    `        name = "${name}"`,
    "        xmin = 0",
    `        xmax = ${end}`,
    `        intervals: size = ${intervals.length}`,
    ...intervals.flatMap(({ text, start, end: to }, i) => [
      `        intervals [${i + 1}]:`,
      `            xmin = ${seconds(start)}`,
      `            xmax = ${seconds(to)}`,
      `            text = "${oneLine(text).replaceAll('"', '""')}"`,
    ]),
  ];
}

/** The units with empty intervals between them, from 0 to the end. Overlapping units start at the previous end. */
function fill(units: readonly TimedText[], end: number): TimedText[] {
  const intervals: TimedText[] = [];
  let at = 0;
  for (const unit of units) {
    const start = Math.max(at, unit.start);
    if (unit.end < start || seconds(unit.end) === seconds(start)) continue;
    if (seconds(start) !== seconds(at)) intervals.push({ text: "", start: at, end: start });
    intervals.push({ ...unit, start });
    at = unit.end;
  }
  if (seconds(at) !== seconds(end)) intervals.push({ text: "", start: at, end });
  return intervals;
}

/** Microseconds, without trailing zeros: neighbors that share a border write the same digits. */
function seconds(time: number): string {
  return String(Math.round(time * 1e6) / 1e6);
}
