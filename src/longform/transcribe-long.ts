/**
 * A recording to segments: what fits into one window is recognized in one pass, a longer recording is cut and recognized
 * window by window while it is read, in memory that does not grow with its length.
 */
import { streamAudio } from "../audio/container.ts";
import type { AudioInput } from "../audio/container.ts";
import type { Summary } from "../audio/gather.ts";
import { warningsOf } from "../audio/warnings.ts";
import { DEFAULT_MAX_DECODED_BYTES, DEFAULT_MAX_SECONDS, MODEL_RATE } from "../audio/limits.ts";
import { AudioError } from "../errors.ts";
import type { Recognition, TimedToken } from "../recognizers/result.ts";
import type { Stopwatch } from "../recognizers/stopwatch.ts";
import { clock } from "../text/outputs/clock.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { withPartials } from "./events.ts";
import { MarkedSegments } from "./marked-segments.ts";
import type { MarkWriter } from "./marked-segments.ts";
import { segmentsOf } from "./merge.ts";
import type { TranscribeOptions } from "./options.ts";
import { planChunks } from "./plan.ts";
import type { ChunkPlan, SpeechDetector } from "./plan.ts";
import { recognizeWindows } from "./recognize-windows.ts";
import type { Join, Segment, Transcription } from "./result.ts";
import { delayed, whole } from "./segment.ts";
import type { WindowRecognizer } from "./window-recognizer.ts";
import { fromStore, setInTurn } from "./window-store.ts";
import { windowsAtOnce } from "./windows-at-once.ts";
import { Samples, windowsOf } from "./windows.ts";

/** A recording without its times: all windows' steps are summed up elsewhere. */
type Untimed = Omit<Transcription, "timings">;

/** The limits of a recording that is recognized in one pass, since all of it is held in memory. */
const inMemory = { maxSeconds: DEFAULT_MAX_SECONDS, maxDecodedBytes: DEFAULT_MAX_DECODED_BYTES };

/** What a recording is transcribed with, in addition to the recognizer. */
export interface Helpers {
  /** Adds up the times of all steps. */
  readonly watch: Stopwatch;
  readonly vad?: SpeechDetector | undefined;
  /** Puts marks in the text. */
  readonly punctuation?: MarkWriter | undefined;
}

/** Throws `audio_empty` where the recording ends before `options.start`. */
export async function transcribeLong(
  recognizer: WindowRecognizer,
  input: AudioInput,
  given: TranscribeOptions,
  helpers: Helpers,
): Promise<Untimed> {
  const { watch, vad } = helpers;
  const options = { ...given, windows: given.windows && setInTurn(given.windows) };
  const { signal, start = 0, duration = Infinity, onSegment } = options;
  const { hasTimes } = recognizer.recognizer;
  const { recommended } = recognizer;
  const plan = planChunks(options, {
    hasTimes,
    vad,
    recommended,
    draft: (window) => draft(recognizer, window, { ...options, watch }),
  });
  const pieces = streamAudio(input, { signal, ...(plan === undefined ? inMemory : {}) });
  const [from, count] = [Math.round(start * MODEL_RATE), Math.round(duration * MODEL_RATE)];
  await using samples = new Samples(pieces, from, count, watch);
  await samples.fill(plan?.windowSamples ?? Infinity);
  if (samples.buffer.length === 0) {
    throw new AudioError("audio_empty", "audio", `nothing from second ${start} on`, {
      wanted: "a start within the recording",
    });
  }
  if (plan !== undefined && (await needsCuts(samples.buffer, samples.position, plan))) {
    return await windowByWindow(recognizer, samples, plan, options, helpers);
  }
  const { buffer, position, summary } = samples;
  const begins = position / MODEL_RATE;
  const recognition = await recognizer.recognize(buffer, withPartials(options, { part: 0, start: begins }));
  watch.add(recognition.timings);
  return await oneWindow(recognition, helpers, {
    start: begins,
    duration: summary?.duration ?? (position + buffer.length) / MODEL_RATE,
    warnings: summary === undefined ? [] : warningsOf(summary),
    onSegment,
    signal,
  });
}

interface OneWindow extends Pick<TranscribeOptions, "onSegment" | "signal"> {
  /** Where the window begins, and how long the recording is, in seconds. */
  readonly start?: number;
  readonly duration?: number;
  /** Warnings about the audio. */
  readonly warnings?: readonly Warning[];
}

/** The result of one window as a whole recording: one segment, or none for silence. */
export async function oneWindow(
  recognized: Recognition,
  helpers: Helpers,
  { start = 0, duration, warnings = [], ...options }: OneWindow,
): Promise<Untimed> {
  const recognition = delayed(recognized, start, duration ?? Infinity);
  const only = async function* (): AsyncGenerator<Segment> {
    if (recognition.text.trim() === "") return;
    const { words = [] } = recognition;
    const from = words[0]?.start ?? start;
    const end = words.at(-1)?.end ?? Math.max(duration ?? from, from);
    yield { ...recognition, id: 0, start: from, end, text: recognition.text.trim() };
  };
  const { segments, ...marked } = await collect(only(), helpers, options);
  const { timings: _, ...rest } = recognition;
  const all = [...warnings, ...recognition.warnings];
  return { ...rest, ...marked, warnings: all, duration, segments, joins: [] };
}

/** The segments, and what replaces their text and times as a whole where they get marks. */
async function collect(
  given: AsyncIterable<Segment>,
  { punctuation, watch }: Helpers,
  { onSegment, signal }: Pick<TranscribeOptions, "onSegment" | "signal">,
): Promise<Pick<Transcription, "segments"> & Partial<Transcription>> {
  const marked = punctuation && new MarkedSegments(punctuation, { watch, signal });
  const segments: Segment[] = [];
  for await (const segment of marked === undefined ? given : marked.segments(given)) {
    segments.push(segment);
    onSegment?.(segment);
  }
  if (marked === undefined || segments.length === 0) return { segments };
  const { characters, words } = whole(segments);
  const { sentences } = marked;
  const times = characters === undefined ? {} : { characters, words: words ?? [] };
  return { segments, text: marked.text, ...times, ...(sentences === undefined ? {} : { sentences }) };
}

async function windowByWindow(
  recognizer: WindowRecognizer,
  samples: Samples<Summary>,
  plan: ChunkPlan,
  options: TranscribeOptions,
  helpers: Helpers,
): Promise<Untimed> {
  const { watch } = helpers;
  const joins: Join[] = [];
  const warnings: Warning[] = [];
  const windows = windowsOf(samples, plan.windowSamples, plan.newCutter());
  const seconds = plan.windowSamples / MODEL_RATE;
  const recognized = recognizeWindows(windows, recognizer, options, {
    atOnce: await windowsAtOnce(recognizer.recognizer, seconds, options),
    overlaps: plan.overlaps,
    watch,
    onWarning: (about) => void warnings.push(about),
  });
  const merged = segmentsOf(recognized, {
    overlaps: plan.overlaps,
    keepCharacters: options.timestamps === "word",
    onJoin: (join) => void joins.push(join),
    duration: () => samples.summary?.duration,
  });
  const { segments, ...marked } = await collect(merged, helpers, options);
  if (segments.length === 0) warnings.push(warning("silence", "no speech was found"));
  const cuts = joins.filter(({ how, dropped }) => how === "cut" || dropped !== "");
  if (cuts.length > 0) warnings.push(warning("cut", describe(cuts)));
  return {
    ...whole(segments),
    ...marked,
    warnings: [...(samples.summary === undefined ? [] : warningsOf(samples.summary)), ...warnings],
    duration: samples.summary?.duration ?? samples.position / MODEL_RATE,
    segments,
    joins,
  };
}

/**
 * Whether there is more than one window, or pauses at the ends of the only one. A recording without them is recognized
 * as it is: what a cutter would leave out there is the beginning and the end of its background.
 */
async function needsCuts(buffer: Float32Array, position: number, plan: ChunkPlan): Promise<boolean> {
  if (buffer.length > plan.windowSamples) return true;
  if (!plan.cutsShort) return false;
  const { windows } = await plan.newCutter()(buffer, true, position);
  const [only] = windows;
  if (windows.length !== 1) return windows.length > 1;
  const most = plan.pauseSamples;
  return only!.from >= most || buffer.length - only!.to >= most;
}

/** The CTC labels of a window, which `ctc-blank` cuts between. */
async function draft(
  recognizer: WindowRecognizer,
  window: Float32Array,
  { language, frontend, cmvn, signal, windows, watch }: TranscribeOptions & { readonly watch: Stopwatch },
): Promise<readonly TimedToken[]> {
  const wanted = { decoder: "ctc", timestamps: "token", language, frontend, cmvn, signal } as const;
  const recognize = (): Promise<Recognition> => recognizer.recognize(window, wanted);
  return (await fromStore(windows, window, "draft", watch, recognize)).tokenTimes ?? [];
}

function describe(cuts: readonly Join[]): string {
  const places = cuts.slice(0, 5).map(({ at }) => clock(at, "."));
  const more = cuts.length > places.length ? ", …" : "";
  return `speech was cut and may lack words at ${places.join(", ")}${more}`;
}
