/** What becomes of a recording that was recognized in parts. */
import type { Recognition, Timings, TokenCounts } from "../recognizers/recognizer.ts";
import { hotwordsOfAll } from "../recognizers/hotwords.ts";
import { withoutPrompt } from "../recognizers/recognizer.ts";
import type { TimedText } from "../text/timestamps/timed.ts";

/** A stretch of the recording and what was said in it. All times are seconds of the recording. */
export interface Segment extends Recognition {
  /** 0, 1, 2, … */
  readonly id: number;
  /** Of its first and last word where these are timed, else of the stretch that was recognized. */
  readonly start: number;
  readonly end: number;
}

/** A place where speech had to be cut, with what was read on both sides of it. */
export interface Join {
  /** Seconds of the recording. */
  readonly at: number;
  /** `overlap`: both sides heard it and were merged; `cut`: each ends there. */
  readonly how: "overlap" | "cut";
  /** The end of what was read before, and the beginning of what was read after: both contain the overlap. */
  readonly before: string;
  readonly after: string;
  /** What only the second heard, at a time for which the first heard something else. */
  readonly dropped: string;
}

/** The recognition with its times moved by `seconds`. */
export function delayed<Result extends Pick<Recognition, "tokenTimes" | "characters" | "words">>(
  recognition: Result,
  seconds: number,
): Result {
  if (seconds === 0) return recognition;
  const move = <Unit extends TimedText>(units: readonly Unit[]): Unit[] =>
    units.map((unit) => ({ ...unit, start: later(unit.start, seconds), end: later(unit.end, seconds) }));
  const { tokenTimes, characters, words } = recognition;
  return {
    ...recognition,
    ...(tokenTimes === undefined ? {} : { tokenTimes: move(tokenTimes) }),
    ...(characters === undefined ? {} : { characters: move(characters) }),
    ...(words === undefined ? {} : { words: move(words) }),
  };
}

/** Microseconds: sums of decimal fractions would end in noise. */
const later = (time: number, seconds: number): number => Math.round((time + seconds) * 1e6) / 1e6;

/** Texts one after the other, with a blank between two unless both belong to a script that has none (as FunASR). */
export function joinTexts(texts: readonly string[]): string {
  let joined = "";
  for (const text of texts.map((text) => text.trim()).filter((text) => text !== "")) {
    const close = joined === "" || (CLOSE_END.test(joined) && CLOSE_START.test(text));
    joined += close ? text : ` ${text}`;
  }
  return joined;
}

const CLOSE = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]`;
const CLOSE_END = new RegExp(`${CLOSE}$`, "u");
const CLOSE_START = new RegExp(`^${CLOSE}`, "u");

/** All segments as if they were one recognition; `warnings` and `timings` are kept by whoever ran them. */
export function whole(segments: readonly Segment[]): Omit<Recognition, "warnings" | "timings"> {
  const lists = (key: "tokenTimes" | "characters" | "words"): Partial<Recognition> => {
    const given = segments.flatMap((segment) => (segment[key] === undefined ? [] : [segment[key]]));
    return given.length === 0 ? {} : { [key]: given.flat() };
  };
  const texts = (key: "ctcText" | "richText"): Partial<Recognition> => {
    const given = segments.flatMap((segment) => (segment[key] === undefined ? [] : [segment[key]]));
    return given.length === 0 ? {} : { [key]: joinTexts(given) };
  };
  return {
    text: joinTexts(segments.map(({ text }) => text)),
    tokens: segments.flatMap(({ tokens }) => tokens),
    ...texts("ctcText"),
    ...texts("richText"),
    ...hotwordsOfAll(segments),
    ...lists("tokenTimes"),
    ...lists("characters"),
    ...lists("words"),
    counts: segments.map(({ counts }) => counts).reduce(addCounts, withoutPrompt(0)),
  };
}

function addCounts(a: TokenCounts, b: TokenCounts): TokenCounts {
  return {
    prefixTokens: a.prefixTokens + b.prefixTokens,
    audioTokens: a.audioTokens + b.audioTokens,
    suffixTokens: a.suffixTokens + b.suffixTokens,
    generatedTokens: a.generatedTokens + b.generatedTokens,
  };
}

/** Milliseconds of both, step by step. */
export function addTimings<Steps extends Timings>(a: Steps, b: Steps): Steps {
  const sum: { [step: string]: number } = { ...a };
  for (const [step, time] of Object.entries(b)) sum[step] = (sum[step] ?? 0) + time;
  return sum as Steps;
}
