/**
 * Recognized windows to segments: where speech had to be cut, the texts of two windows that overlap are merged by their
 * times. A segment is yielded as soon as it is final.
 */
import { MODEL_RATE } from "../audio/limits.ts";
import type { Recognition } from "../recognizers/result.ts";
import { mergeOverlap } from "../text/timestamps/merge.ts";
import type { TimedUnit } from "../text/timestamps/timed.ts";
import { toWords } from "../text/timestamps/words.ts";
import type { RecognizedWindow } from "./recognize-windows.ts";
import { delayed } from "./segment.ts";
import type { Join, Segment } from "./result.ts";
import type { Window } from "./windows.ts";

interface MergeOptions {
  /** Whether windows overlap where speech was cut; else each text ends at the cut. */
  readonly overlaps: boolean;
  /** Whether the caller asked for `characters` and `words`. */
  readonly keepCharacters: boolean;
  readonly onJoin: (join: Join) => void;
  /** The length of the recording in seconds, once it is known. */
  readonly duration?: () => number | undefined;
}

/** A segment that still lacks its number. */
type PendingSegment = Omit<Segment, "id">;

/** Seconds of both texts around a join that are shown in addition to the overlap. */
const CONTEXT = 1;

export async function* segmentsOf(
  recognized: AsyncIterable<RecognizedWindow>,
  { overlaps, keepCharacters, onJoin, duration }: MergeOptions,
): AsyncGenerator<Segment> {
  let id = 0;
  const finished = function* (part: PendingSegment | undefined): Generator<Segment> {
    if (part === undefined || part.text.trim() === "") return;
    const { characters: _characters, words: _words, ...plain } = part;
    yield { id: id++, ...(keepCharacters ? part : plain) };
  };
  let pending: PendingSegment | undefined; // whose end the next one may change
  let pendingEnd: number | undefined; // where its window ends, in seconds, if that is in the middle of speech
  for await (const { window, recognition } of recognized) {
    const start = window.start / MODEL_RATE;
    const cut = window.ends === "speech";
    let part = bounded(recognition, window, duration?.());
    if (pending !== undefined && pendingEnd !== undefined) {
      const overlap = { start, end: pendingEnd };
      if (overlaps) {
        const joined = merge(pending, part, overlap);
        [pending, part] = [joined.before, joined.after];
        onJoin(joined.join);
      } else onJoin({ at: start, how: "cut", ...textsAround(pending, part, overlap), dropped: "" });
    }
    yield* finished(pending);
    pending = part;
    pendingEnd = cut ? start + window.samples.length / MODEL_RATE : undefined;
    if (!cut) {
      yield* finished(pending);
      pending = undefined;
    }
  }
  yield* finished(pending);
}

/** With times of the recording; bounded by its first and last word where these are timed. */
export function bounded(
  recognition: Recognition,
  { start, samples }: Window,
  duration = Infinity,
): PendingSegment {
  const from = start / MODEL_RATE;
  const to = Math.min(from + samples.length / MODEL_RATE, duration);
  const placed = delayed(recognition, from, to);
  const timed = placed.words ?? placed.tokenTimes;
  return {
    ...placed,
    text: placed.text.trim(),
    start: timed?.[0]?.start ?? from,
    end: timed?.at(-1)?.end ?? to,
  };
}

interface Joined {
  readonly before: PendingSegment;
  readonly after: PendingSegment;
  readonly join: Join;
}

function merge(
  before: PendingSegment,
  after: PendingSegment,
  overlap: { start: number; end: number },
): Joined {
  const merged = mergeOverlap(before.characters ?? [], after.characters ?? [], overlap);
  return {
    before: cutTo(before, merged.units.slice(0, merged.kept)),
    after: cutTo(after, merged.units.slice(merged.kept)),
    join: {
      at: overlap.start,
      how: "overlap",
      ...textsAround(before, after, overlap),
      dropped: merged.dropped,
    },
  };
}

function cutTo(part: PendingSegment, units: readonly TimedUnit[]): PendingSegment {
  const words = toWords(units);
  const text = units
    .map((unit) => unit.text)
    .join("")
    .trim();
  return {
    ...part,
    text,
    characters: units,
    words,
    start: words[0]?.start ?? part.start,
    end: words.at(-1)?.end ?? part.end,
  };
}

function textsAround(
  before: PendingSegment,
  after: PendingSegment,
  { start, end }: { start: number; end: number },
): { before: string; after: string } {
  const text = (units: readonly TimedUnit[]): string => units.map((unit) => unit.text).join("");
  const late = (before.characters ?? []).filter((unit) => unit.start >= start - CONTEXT);
  const early = (after.characters ?? []).filter((unit) => unit.start <= end + CONTEXT);
  return { before: text(late), after: text(early) };
}
