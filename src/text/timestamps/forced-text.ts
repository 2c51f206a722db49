/**
 * Times for a text from the CTC posteriors, by forced alignment of its characters (`decoding/forced-align.ts`): each gets
 * the frames where it was spoken, and a score.
 *
 * A CTC head gives a label only in the middle of its sound and blanks around it: the blanks between two labels are
 * halved between them, and each label gets at most a frame and a half. (Against the word times of the demo model's
 * synthesizer, `npm run eval -- --times`, the labels alone begin 70 to 90 ms late and end 60 ms early.)
 *
 * Written and spoken form differ, so punctuation, which is not spoken, is left out, numbers are tried in their possible
 * readings and Latin letters in three cases; the most probable path decides. Characters that were left out lie between
 * their neighbors. FunASR aligns the written text itself, as `spoken: false` does.
 */
import { forcedAlign } from "../../decoding/forced-align.ts";
import { collapse, frameSeconds, logProbability } from "../../decoding/ctc.ts";
import type { CtcLabel, CtcScores } from "../../decoding/ctc.ts";
import type { CtcTokens } from "../ctc-tokens.ts";
import { numberReadings } from "./number-readings.ts";
import { firstAfter, lastBefore } from "./timed.ts";
import type { RoughUnit } from "./timed.ts";

interface ForcedTextOptions {
  /** Whether to search for the spoken form. On by default. */
  readonly spoken?: boolean;
  /** Added to every time; the result is never below 0. */
  readonly offset?: number;
}

type LabelScores = Pick<CtcScores, "frames" | "of">;

/** A part of the written text and its spoken form. */
interface Part {
  /** Characters of the written text. */
  readonly characters: readonly string[];
  readonly spoken: string;
}

interface Alignment {
  readonly parts: readonly Part[];
  readonly labels: readonly CtcLabel[];
  /** Log probability of the path. */
  readonly total: number;
}

/** No label stands for as many characters, so a text with more of them than this times the frames does not fit. */
const MOST_PER_FRAME = 256;
const PARTS = /\d+|[^\d]/gu;
const CASES = [
  (text: string) => text,
  (text: string) => text.toLowerCase(),
  (text: string) => text.toUpperCase(),
];

/** Times of the characters of `text`, or undefined where it does not fit into the frames. */
export async function alignByCtc(
  text: string,
  scores: LabelScores,
  tokens: CtcTokens,
  { spoken = true, offset = 0 }: ForcedTextOptions = {},
): Promise<RoughUnit[] | undefined> {
  const written = text.normalize("NFC");
  if (written.length > scores.frames * MOST_PER_FRAME) return undefined;
  const whole = [{ characters: Array.from(written), spoken: written }];
  const alignment = await (spoken ? bestSpoken(written, scores, tokens) : align(whole, scores, tokens));
  return alignment === undefined
    ? undefined
    : interpolate(charactersOf(alignment, scores.frames, tokens), offset);
}

/** Tries the three cases, then each number's readings in turn, and keeps the most probable. */
async function bestSpoken(
  text: string,
  scores: LabelScores,
  tokens: CtcTokens,
): Promise<Alignment | undefined> {
  const pieces = [...text.matchAll(PARTS)].map(([piece]) => piece);
  let best: Alignment | undefined;
  const consider = async (parts: readonly Part[]): Promise<void> => {
    const candidate = await align(parts, scores, tokens);
    if (candidate !== undefined && (best === undefined || candidate.total > best.total)) best = candidate;
  };
  const inCases = new Set(CASES.map((change) => change(text)));
  for (const [index, change] of CASES.entries()) {
    if (index > 0 && (inCases.size === 1 || change(text) === text)) continue;
    await consider(
      pieces.map((piece) => ({ characters: Array.from(piece), spoken: audible(change(piece)) })),
    );
  }
  for (const [index, piece] of pieces.entries()) {
    if (!/^\d/u.test(piece)) continue;
    const parts = best?.parts;
    for (const reading of numberReadings(piece).slice(1)) {
      if (parts !== undefined)
        await consider(parts.with(index, { characters: Array.from(piece), spoken: reading }));
    }
  }
  return best;
}

/** Letters, marks, numbers and spaces are spoken (or at least spelled), other characters are not. */
function audible(piece: string): string {
  return /^[\p{L}\p{M}\p{N}'’\s]+$/u.test(piece) ? piece : "";
}

async function align(
  parts: readonly Part[],
  scores: LabelScores,
  tokens: CtcTokens,
): Promise<Alignment | undefined> {
  const ids = tokens.encode(parts.map(({ spoken }) => spoken).join(""));
  if (ids.length === 0) return undefined;
  const posteriors = await scores.of([...ids, tokens.blankId]);
  const path = forcedAlign(posteriors, ids, tokens.blankId);
  if (path === undefined) return undefined;
  const logProbs = Array.from(path, (id, t) => logProbability(posteriors, t, id));
  const total = logProbs.reduce((sum, value) => sum + value, 0);
  const labels = collapse(path, tokens.blankId, (t) => Math.exp(logProbs[t] as number));
  return { parts, labels, total };
}

/** A character with the time of its labels, or without one where it was not spoken. */
interface Placed {
  readonly text: string;
  readonly start?: number;
  readonly end?: number;
  readonly score?: number;
}

function charactersOf({ parts, labels }: Alignment, frames: number, tokens: CtcTokens): Placed[] {
  const utf8 = new TextEncoder();
  const bytes = widen(labels, frames).flatMap(({ id, start, end, score }) => {
    const own = Array.from(tokens.bytes(id));
    const letters = own.filter((byte) => byte !== BLANK).length;
    let passed = 0; // spaces have no length: " the" begins with its t
    return own.map((byte) => {
      const from = passed;
      if (byte !== BLANK) passed++;
      const share = (count: number): number => start + ((end - start) * count) / Math.max(letters, 1);
      return { start: share(from), end: share(passed), score };
    });
  });
  let at = 0;
  return parts.flatMap(({ characters, spoken }) => {
    const own = bytes.slice(at, (at += utf8.encode(spoken).length));
    const lengths = characters.map((character) => utf8.encode(character).length);
    const sum = lengths.reduce((a, b) => a + b, 0);
    let passed = 0;
    return characters.map((text, i): Placed => {
      const [from, to] = [passed / sum, (passed += lengths[i] as number) / sum].map(
        (share) => share * own.length,
      );
      const mine = own.slice(
        Math.floor(from as number),
        Math.max(Math.floor(from as number) + 1, Math.ceil(to as number)),
      );
      const [first, last] = [mine[0], mine.at(-1)];
      if (first === undefined || last === undefined) return { text };
      const score = mine.reduce((total, byte) => total + byte.score, 0) / mine.length;
      return { text, start: seconds(first.start), end: seconds(last.end), score };
    });
  });
}

/** A space, in bytes. */
const BLANK = 0x20;
/** The maximum of blank frames that a label gets on each side. */
const MOST_BLANK = 1.5;

/** Distributes the blanks between labels, before the first and after the last. */
function widen(labels: readonly CtcLabel[], frames: number): CtcLabel[] {
  return labels.map((label, i) => {
    const before = (label.start - (labels[i - 1]?.end ?? -label.start)) / 2;
    const after = ((labels[i + 1]?.start ?? 2 * frames - label.end) - label.end) / 2;
    return {
      ...label,
      start: label.start - Math.min(before, MOST_BLANK),
      end: label.end + Math.min(after, MOST_BLANK),
    };
  });
}

/** Rounds to the microsecond, so that half frames print exactly. */
const seconds = (frame: number): number => Math.round(frameSeconds(frame) * 1e6) / 1e6;

/** Places characters that were not spoken between their neighbors. */
function interpolate(characters: readonly Placed[], offset: number): RoughUnit[] {
  const isPlaced = ({ start }: Placed): boolean => start !== undefined;
  const [left, right] = [lastBefore(characters, isPlaced), firstAfter(characters, isPlaced)];
  return characters.map(({ text, start, end, score }, i) => {
    if (start !== undefined) return { text, ...shift(start, end, offset), source: "ctc", score };
    const before = characters[left[i]!]?.end;
    const after = characters[right[i]!]?.start;
    const [from, to] = [before ?? after ?? 0, after ?? before ?? 0];
    return { text, ...shift(from, to > from ? to : undefined, offset), source: "interpolated" };
  });
}

function shift(start: number, end: number | undefined, offset: number): { start: number; end?: number } {
  const from = Math.max(0, start + offset);
  return end === undefined ? { start: from } : { start: from, end: Math.max(0, end + offset) };
}
