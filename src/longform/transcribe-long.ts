/**
 * A recording to segments: what fits into one window is recognized at once, all other is cut and recognized in parts,
 * while it is read. Nothing here knows how a part is recognized.
 */
import { streamAudio } from "../audio/container.ts";
import type { AudioInput } from "../audio/container.ts";
import type { Summary } from "../audio/gather.ts";
import { DEFAULT_MAX_DECODED_BYTES, DEFAULT_MAX_SECONDS, MODEL_RATE } from "../audio/limits.ts";
import { AudioError } from "../errors.ts";
import type { Progress, Recognition, TimedText } from "../recognizers/recognizer.ts";
import { withPartials } from "./events.ts";
import { planChunks } from "./plan.ts";
import type { ChunkPlan, ChunkingInputs } from "./plan.ts";
import { segmentsOf } from "./merge.ts";
import { addTimings, delayed, whole } from "./segment.ts";
import type { Join, Segment } from "./segment.ts";
import { Samples, windowsOf } from "./windows.ts";
import type { Window } from "./windows.ts";
import { clock } from "../text/outputs/clock.ts";
import type { StepTimings, TranscribeOptions, Untimed } from "../transcriber/types.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";

/** What was heard of some samples, and how long that took. */
export type SegmentRecognition = Omit<Recognition, "timings"> & { readonly timings: StepTimings };

/** Who recognizes a part. */
export interface WindowRecognizer {
  /** Whether it can time what it writes. */
  readonly hasTimes: boolean;
  /** Who tells where speech is, if the caller has such a one. */
  readonly vad?: ChunkingInputs["vad"];
  recognize(samples: Float32Array, options: TranscribeOptions): Promise<SegmentRecognition>;
}

/** What is recognized at once is held in memory, and has the limits of that. */
const inMemory = { maxSeconds: DEFAULT_MAX_SECONDS, maxDecodedBytes: DEFAULT_MAX_DECODED_BYTES };

/** Segments as they become final; the generator's return value is the whole. */
export async function* transcribeLong(
  listener: WindowRecognizer,
  input: AudioInput,
  options: TranscribeOptions,
): AsyncGenerator<Segment, Untimed> {
  const { signal, start = 0, duration = Infinity, language } = options;
  const draft = async (window: Float32Array): Promise<readonly TimedText[]> => {
    const { frontend, cmvn } = options;
    const wanted = { decoder: "ctc", timestamps: "token", language, frontend, cmvn, signal } as const;
    return (await listener.recognize(window, wanted)).tokenTimes ?? [];
  };
  const plan = planChunks(options, { hasTimes: listener.hasTimes, vad: listener.vad, draft });
  const pieces = streamAudio(input, { signal, ...(plan === undefined ? inMemory : {}) });
  await using samples = new Samples(
    pieces,
    Math.round(start * MODEL_RATE),
    Math.round(duration * MODEL_RATE),
  );
  await samples.fill(plan?.windowSamples ?? Infinity);
  if (samples.buffer.length === 0) {
    throw new AudioError("audio_empty", "audio", `nothing from second ${start} on`, {
      wanted: "a start within the recording",
    });
  }
  if (plan !== undefined && samples.buffer.length > plan.windowSamples) {
    return yield* windowByWindow(listener, samples, plan, options);
  }
  const { summary, position, buffer } = samples;
  const alone = withPartials(options, { part: 0, start: position / MODEL_RATE });
  return yield* singleSegment(await listener.recognize(buffer, alone), {
    start: position / MODEL_RATE,
    duration: summary?.duration ?? (position + buffer.length) / MODEL_RATE,
    warnings: warningsOf(summary),
    timings: { audio: samples.milliseconds },
  });
}

/** Tells of each segment before it is given out; closes what it reads when it is left early. */
export async function* withSegmentCallback<Result>(
  segments: AsyncGenerator<Segment, Result>,
  onSegment: TranscribeOptions["onSegment"],
): AsyncGenerator<Segment, Result> {
  try {
    for (;;) {
      const next = await segments.next();
      if (next.done === true) return next.value;
      onSegment?.(next.value);
      yield next.value;
    }
  } finally {
    await segments.return(undefined as never);
  }
}

/** One recognition as a whole recording. */
export async function* singleSegment(
  heard: SegmentRecognition,
  audio: Partial<Pick<Untimed, "duration" | "warnings" | "timings">> & { readonly start?: number } = {},
): AsyncGenerator<Segment, Untimed> {
  const { start = 0, duration, warnings = [], timings = {} } = audio;
  const recognition = delayed(heard, start);
  const segments: Segment[] = [];
  if (recognition.text.trim() !== "") {
    const { words = [] } = recognition;
    const from = words[0]?.start ?? start;
    const end = words.at(-1)?.end ?? Math.max(duration ?? from, from);
    segments.push({ ...recognition, id: 0, start: from, end, text: recognition.text.trim() });
    yield* segments;
  }
  return {
    ...recognition,
    warnings: [...warnings, ...recognition.warnings],
    duration,
    segments,
    joins: [],
    timings: { ...timings, ...recognition.timings },
  };
}

/** Stretch by stretch. */
async function* windowByWindow(
  listener: WindowRecognizer,
  samples: Samples<Summary>,
  plan: ChunkPlan,
  options: TranscribeOptions,
): AsyncGenerator<Segment, Untimed> {
  const segments: Segment[] = [];
  const joins: Join[] = [];
  const warnings: Warning[] = [];
  let timings: StepTimings = {};
  let part = 0;
  const recognize = async (stretch: Window, needsUnits: boolean): Promise<SegmentRecognition> => {
    const seconds = stretch.start / MODEL_RATE;
    const onProgress = located(options.onProgress, { segment: part, seconds });
    const timestamps = needsUnits ? "word" : options.timestamps;
    const own = withPartials({ ...options, onProgress, timestamps }, { part: part++, start: seconds });
    const heard = await listener.recognize(stretch.samples, own);
    timings = addTimings(timings, heard.timings);
    for (const { code, message } of heard.warnings) {
      const asked = code !== "approximate_times" || options.timestamps === "word";
      if (code !== "silence" && asked) warnings.push(warning(code, `at ${clock(seconds, ".")}: ${message}`));
    }
    return heard;
  };
  const parts = segmentsOf(windowsOf(samples, plan.windowSamples, plan.cutter), recognize, {
    overlaps: plan.overlaps,
    keepUnits: options.timestamps === "word",
    onJoin: (join) => void joins.push(join),
  });
  for await (const segment of parts) {
    segments.push(segment);
    yield segment;
  }
  const { summary, position } = samples;
  if (segments.length === 0) warnings.push(warning("silence", "nothing was heard"));
  const cuts = joins.filter(({ how, dropped }) => how === "cut" || dropped !== "");
  if (cuts.length > 0) warnings.push(warning("cut", describe(cuts)));
  return {
    ...whole(segments),
    warnings: [...warningsOf(summary), ...warnings],
    duration: summary?.duration ?? position / MODEL_RATE,
    segments,
    joins,
    timings: { audio: samples.milliseconds, ...timings },
  };
}

function describe(cuts: readonly Join[]): string {
  const places = cuts.slice(0, 5).map(({ at }) => clock(at, "."));
  const more = cuts.length > places.length ? ", …" : "";
  return `speech was cut and may lack words at ${places.join(", ")}${more}`;
}

/** Progress that says which part of the recording it is about. */
function located(
  onProgress: TranscribeOptions["onProgress"],
  place: Pick<Progress, "segment" | "seconds">,
): TranscribeOptions["onProgress"] {
  return onProgress === undefined ? undefined : (progress) => onProgress({ ...progress, ...place });
}

const warningsOf = (summary: Summary | undefined): Warning[] =>
  (summary?.warnings ?? []).map((message) => warning("audio", message));
