/**
 * Text to subtitle cues. A cue ends at punctuation that ends a phrase, at a pause, or where it would have too many
 * characters or seconds; never inside a word. After Fun-ASR-GGUF's rules (30 characters, a pause of
 * 0.4 s once there are five, of 1 s always; the end half a second after the last word, or half way to the next),
 * which have no limit on duration and may cut words.
 */
import type { TimedText, TimedUnit } from "../timestamps/timed.ts";
import { groupWords } from "../timestamps/words.ts";
import type { Word } from "../timestamps/words.ts";
import { endOf, oneLine } from "./transcript.ts";
import type { Transcript, TranscriptSegment } from "./transcript.ts";
import { endsInAbbreviation } from "./abbreviations.ts";
import { UsageError } from "../../errors.ts";

export interface CueOptions {
  /** Maximum characters of a cue; a longer word has a cue of its own. */
  readonly maxChars?: number | undefined;
  readonly maxSeconds?: number | undefined;
  /** Seconds between two cues. */
  readonly minGap?: number | undefined;
}

const PHRASE_END = /[，。！？；,.!?;][\p{Pe}\p{Pf}"'”’]*$/u;
/** Punctuation that is dropped from the end of a cue; question and exclamation marks and closing quotes stay. */
const TRAILING = /[，。、；：,.;:\s]+$/u;
const SHORT_PAUSE = 0.4;
const ENOUGH = 5;
const LONG_PAUSE = 1;
const LINGER = 0.5;

/** Cues of the whole transcript, in order, not overlapping. */
export function shapeCues(transcript: Transcript, options: CueOptions = {}): TimedText[] {
  const { maxChars = 30, maxSeconds = 6, minGap = 0 } = options;
  for (const [name, value, least] of [
    ["maxChars", maxChars, 1],
    ["maxSeconds", maxSeconds, 0.1],
    ["minGap", minGap, 0],
  ] as const) {
    if (!(value >= least))
      throw new UsageError("bad_option", name, String(value), { wanted: `at least ${least}` });
  }
  const cues = transcript.segments.flatMap((segment) => segmentCues(segment, maxChars, maxSeconds));
  const last = endOf(transcript);
  return cues.flatMap(({ text, start, end }, i) => {
    const to = Math.min(end, (cues[i + 1]?.start ?? Infinity) - minGap, last);
    return text === "" || start >= to ? [] : [{ text, start, end: to }];
  });
}

function segmentCues(segment: TranscriptSegment, maxChars: number, maxSeconds: number): TimedText[] {
  const { characters } = segment;
  if (characters === undefined || characters.length === 0)
    return [{ text: tidy(segment.text), start: segment.start, end: segment.end }];
  const words = groupWords(characters);
  const cues: TimedText[] = [];
  let first = 0;
  for (let i = 0; i < words.length; i++) {
    const next = words[i + 1];
    const text = textOf(characters, words, first, i);
    const ends = next === undefined || endsCue(text, words, i);
    if (!ends && fits(characters, words, first, i + 1, maxChars, maxSeconds)) continue;
    cues.push({ text: tidy(text), start: words[first]!.unit.start, end: cueEnd(words[i]!, next) });
    first = i + 1;
  }
  return cues;
}

function endsCue(text: string, words: readonly Word[], i: number): boolean {
  const pause = words[i + 1]!.unit.start - words[i]!.unit.end;
  return (
    (PHRASE_END.test(text) && !endsInAbbreviation(text, words[i + 1]!.unit.text)) ||
    pause > LONG_PAUSE ||
    (pause > SHORT_PAUSE && Array.from(text).length >= ENOUGH)
  );
}

function fits(
  characters: readonly TimedUnit[],
  words: readonly Word[],
  first: number,
  last: number,
  maxChars: number,
  maxSeconds: number,
): boolean {
  const text = tidy(textOf(characters, words, first, last));
  return (
    Array.from(text).length <= maxChars && words[last]!.unit.end - words[first]!.unit.start <= maxSeconds
  );
}

function textOf(
  characters: readonly TimedUnit[],
  words: readonly Word[],
  first: number,
  last: number,
): string {
  const own = characters.slice(words[first]!.from, words[last]!.to);
  return own.map(({ text }) => text).join("");
}

/** A cue stays for half a second, but not longer than half way to the next. */
function cueEnd(last: Word, next: Word | undefined): number {
  const { end } = last.unit;
  return next === undefined ? end + LINGER : Math.min(end + LINGER, (end + next.unit.start) / 2);
}

function tidy(text: string): string {
  return oneLine(text).replace(TRAILING, "");
}
