/**
 * Live recognition: each utterance as a stream, with a second of silence behind it. Latency is by the clock of the audio
 * (a source in real time is never ahead of it), plus the processor time, of all threads, of the work on the step that gave the
 * event: the time of a machine that has nothing else to do, or more.
 */
import { loadAudio } from "../../src/audio/container.ts";
import { MODEL_RATE } from "../../src/audio/limits.ts";
import { listenTo } from "../../src/live/listen.ts";
import { joinTexts } from "../../src/longform/segment.ts";
import { Transcriber } from "../../src/node.ts";
import { errorRate, units } from "./metrics.ts";
import type { Language, Scored } from "./metrics.ts";
import { clipOf } from "./test-set.ts";
import type { Utterance } from "./test-set.ts";

/** Samples of a block of the stream, and of the silence behind an utterance. */
const BLOCK = 0.02 * MODEL_RATE;
const SILENCE = MODEL_RATE;

interface LiveFigures {
  readonly utterances: number;
  readonly partials: number;
  /** Partials whose stable text does not begin with that of the one before. */
  readonly retractions: number;
  /** Milliseconds from the end of the first word (Chinese: character) to a stable text that has it. */
  readonly "first median": number;
  readonly "first 95%": number;
  /** The same over all words. */
  readonly "word median": number;
  readonly "word 95%": number;
  /** Milliseconds of work on a step that gave a partial. */
  readonly "work median": number;
  readonly "work 95%": number;
  /** Percent of the utterances whose final text is that of the file. */
  readonly "final as file": number;
  /** Error rate of the last partial text, in percent of the spoken words (Chinese: characters). */
  readonly "last partial": number;
  /** Seconds of all threads for each second of audio. */
  readonly cpu: number;
}

interface Sums {
  utterances: number;
  partials: number;
  retractions: number;
  same: number;
  cpu: number;
  seconds: number;
  readonly first: number[];
  readonly words: number[];
  readonly work: number[];
  readonly last: Scored[];
}

export async function measureLive(
  model: Transcriber,
  utterances: readonly Utterance[],
  onProgress: (done: number) => void = () => {},
): Promise<ReadonlyMap<string, LiveFigures>> {
  const sums = new Map<Language, Sums>();
  for (const [done, utterance] of utterances.entries()) {
    const { language } = utterance;
    const sum = sums.get(language) ?? nothing();
    sums.set(language, sum);
    await measureOne(model, utterance, sum);
    onProgress(done + 1);
  }
  return new Map([...sums].map(([language, sum]) => [language, figures(sum)]));
}

function nothing(): Sums {
  const counts = { utterances: 0, partials: 0, retractions: 0, same: 0, cpu: 0, seconds: 0 };
  return { ...counts, first: [], words: [], work: [], last: [] };
}

async function measureOne(model: Transcriber, utterance: Utterance, sum: Sums): Promise<void> {
  const { language, spoken } = utterance;
  const clip = clipOf(utterance);
  const file = await model.transcribe(clip);
  const { samples } = await loadAudio(clip);
  const audio = new Float32Array(samples.length + SILENCE);
  audio.set(samples);
  let given = 0; // the processor time at the last block
  async function* blocks(): AsyncGenerator<Float32Array> {
    for (let at = 0; at < audio.length; at += BLOCK) {
      given = processorTime();
      yield audio.subarray(at, at + BLOCK);
    }
  }
  const before = processorTime();
  const finals: string[] = [];
  let stable = "";
  let [earlier, last] = ["", ""]; // the stable texts of the utterances before, and the last text
  const waiting = utterance.words.map(({ word, end }) => ({ text: units(language, word).join(" "), end }));
  const found = new Set<number>();
  const input = { samples: blocks(), sampleRate: MODEL_RATE };
  // a clock that stands still: no partial is left out because this machine has other work
  const events = listenTo(Transcriber.windowsOf(model), input, {}, { clock: () => 0 });
  for await (const event of events) {
    if (event.event === "final") finals.push(event.text);
    if (event.event === "speech_started") stable = "";
    if (event.event === "speech_ended") earlier = joinTexts([earlier, last]);
    if (event.event !== "partial") continue;
    const work = processorTime() - given;
    sum.work.push(work);
    sum.partials++;
    if (!event.stable.startsWith(stable)) sum.retractions++;
    ({ stable } = event);
    last = stable + event.tentative;
    const seen = units(language, joinTexts([earlier, stable]));
    for (const [i, { text, end }] of waiting.entries()) {
      if (found.has(i) || seen[i] !== text) continue;
      found.add(i);
      const late = 1000 * (event.end - end) + work;
      sum.words.push(late);
      if (i === 0) sum.first.push(late);
    }
  }
  sum.cpu += (processorTime() - before) / 1000;
  sum.seconds += audio.length / MODEL_RATE;
  sum.utterances++;
  if (joinTexts(finals) === file.text) sum.same++;
  sum.last.push({ language, reference: spoken, hypothesis: earlier });
}

/** Milliseconds of all threads. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function figures(sum: Sums): LiveFigures {
  const hundredths = (value: number): number => Math.round(100 * value) / 100;
  return {
    utterances: sum.utterances,
    partials: sum.partials,
    retractions: sum.retractions,
    "first median": quantile(sum.first, 0.5),
    "first 95%": quantile(sum.first, 0.95),
    "word median": quantile(sum.words, 0.5),
    "word 95%": quantile(sum.words, 0.95),
    "work median": quantile(sum.work, 0.5),
    "work 95%": quantile(sum.work, 0.95),
    "final as file": hundredths((100 * sum.same) / sum.utterances),
    "last partial": errorRate(sum.last),
    cpu: hundredths(sum.cpu / sum.seconds),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? NaN);
}
