/** Several windows' recognitions as one: times of the recording, joined texts, counts that are summed up. */
import type { Recognition, TextTimes, TokenCounts } from "../recognizers/result.ts";
import type { Segment } from "./result.ts";
import { hotwordsOfAll } from "../recognizers/corrections.ts";
import { withoutPrompt } from "../recognizers/result.ts";
import { timesWithin } from "../recognizers/times.ts";
import type { TimedText } from "../text/timestamps/timed.ts";

/** The recognition with its times moved by `seconds`; none is after `end`, where its audio ends in the recording. */
export function delayed<Result extends TextTimes>(recognition: Result, seconds: number, end: number): Result {
  return timesWithin(seconds === 0 ? recognition : moved(recognition, seconds), end);
}

function moved<Result extends TextTimes>(recognition: Result, seconds: number): Result {
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

/** Rounded to microseconds: sums of decimal fractions would end in noise. */
const later = (time: number, seconds: number): number => Math.round((time + seconds) * 1e6) / 1e6;

/** Texts one after the other, with a space between two unless both belong to a script without spaces (as FunASR). */
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

/** All segments as one recognition, without the warnings and times of the windows. */
export function whole(segments: readonly Segment[]): Omit<Recognition, "warnings" | "timings"> {
  const lists = (key: "tokenTimes" | "characters" | "words"): TextTimes => {
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
    steps: a.steps + b.steps,
    accepted: a.accepted + b.accepted,
  };
}
