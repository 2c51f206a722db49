/** Errors of word times against those of the speech synthesizer, word by word (Chinese: character). */
import type { Transcriber } from "../../src/node.ts";
import { normalize } from "./metrics.ts";
import type { Language } from "./metrics.ts";
import { clipOf } from "./test-set.ts";
import type { Utterance } from "./test-set.ts";

/** Milliseconds; both edges of a word count alike. */
interface TimeFigures {
  readonly words: number;
  readonly "start.median": number;
  readonly "start.95%": number;
  readonly "end.median": number;
  readonly "end.95%": number;
  /** Percent of all edges. */
  readonly "within 60 ms": number;
  readonly "within 150 ms": number;
}

interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Error of a start and of an end, in seconds. */
type Errors = [start: number, end: number][];

/**
 * By language and method: times of the given text, times of the words that the language model got right, and the same by
 * comparing texts.
 */
export async function measureTimes(
  model: Transcriber,
  utterances: readonly Utterance[],
  onProgress: (done: number) => void = () => {},
): Promise<ReadonlyMap<string, TimeFigures>> {
  const errors = new Map<string, Errors>();
  const add = (language: Language, way: string, words: readonly Span[], truth: readonly Span[]): void => {
    const key = `${language} ${way}`;
    errors.set(key, [...(errors.get(key) ?? []), ...pairs(words, truth)]);
  };
  for (const [done, utterance] of utterances.entries()) {
    const { language } = utterance;
    const truth = utterance.words.map(({ word, start, end }) => ({ text: word, start, end }));
    const clip = clipOf(utterance);
    add(language, "given text", (await model.align(clip, utterance.spoken)).words, truth);
    add(language, "own text", (await model.transcribe(clip, { timestamps: "word" })).words ?? [], truth);
    add(language, "by text", (await model.align(clip, utterance.spoken, { method: "text" })).words, truth);
    onProgress(done + 1);
  }
  return new Map(
    [...errors].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, list]) => [key, figures(list)]),
  );
}

/** Words that both have, in order: a longest common subsequence. */
function pairs(words: readonly Span[], truth: readonly Span[]): Errors {
  const ours = words.map(({ text }) => normalize(text));
  const theirs = truth.map(({ text }) => normalize(text));
  const common = Array.from({ length: ours.length + 1 }, () => new Int32Array(theirs.length + 1));
  for (let i = ours.length - 1; i >= 0; i--) {
    for (let j = theirs.length - 1; j >= 0; j--) {
      common[i]![j] =
        ours[i] === theirs[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const errors: Errors = [];
  let [i, j] = [0, 0];
  while (i < ours.length && j < theirs.length) {
    const [word, wanted] = [words[i]!, truth[j]!];
    if (ours[i] === theirs[j]) {
      errors.push([Math.abs(word.start - wanted.start), Math.abs(word.end - wanted.end)]);
      [i, j] = [i + 1, j + 1];
    } else if (common[i + 1]![j]! >= common[i]![j + 1]!) i++;
    else j++;
  }
  return errors;
}

function figures(errors: Errors): TimeFigures {
  const [starts, ends] = [errors.map(([start]) => start), errors.map(([, end]) => end)];
  const edges = [...starts, ...ends];
  const within = (bound: number): number =>
    Math.round((10_000 * edges.filter((edge) => edge <= bound).length) / edges.length) / 100;
  return {
    words: errors.length,
    "start.median": quantile(starts, 0.5),
    "start.95%": quantile(starts, 0.95),
    "end.median": quantile(ends, 0.5),
    "end.95%": quantile(ends, 0.95),
    "within 60 ms": within(0.06),
    "within 150 ms": within(0.15),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(1000 * (sorted[Math.ceil(share * sorted.length) - 1] ?? NaN));
}
