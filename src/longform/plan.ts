/** How a long recording is cut: the options, checked, with their defaults. */
import { MODEL_RATE } from "../audio/limits.ts";
import { UsageError } from "../errors.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import { cutAtBlanks } from "./blank-runs.ts";
import { cutFixed, cutQuiet } from "./cuts.ts";
import type { Cutter } from "./cutter.ts";
import { CUT_KINDS } from "./options.ts";
import type { TranscribeOptions } from "./options.ts";
import type { RecommendedCuts } from "./recommended.ts";
import { cutAtSpeech } from "./speech-runs.ts";
import type { SpeechStream } from "./speech-runs.ts";

export interface ChunkPlan {
  readonly windowSamples: number;
  /** A cutter for one pass over the recording. */
  readonly newCutter: () => Cutter;
  /** Whether recordings that fit into one window are cut at pauses, too. */
  readonly cutsShort: boolean;
  /** A pause of this length ends a window. */
  readonly pauseSamples: number;
  /** Whether windows overlap where speech was cut. */
  readonly overlaps: boolean;
}

type ChunkingOptions = Pick<TranscribeOptions, "chunk" | "timestamps" | "start" | "duration">;

/** A voice activity detector. */
export interface SpeechDetector {
  /** A stream for one recording. */
  listen(): SpeechStream;
}

/** What a recording can be cut by. */
interface ChunkingInputs {
  /** Whether the model can time the text that it writes. */
  readonly hasTimes: boolean;
  /** The CTC labels of a window with their times in it, in seconds. */
  readonly draft: (window: Float32Array) => Promise<readonly TimedText[]>;
  readonly vad?: SpeechDetector | undefined;
  /** What the model's file says; without it, the window of the original and no cuts within it. */
  readonly recommended?: RecommendedCuts | undefined;
}

/**
 * Undefined for `chunk: "off"`. Overlaps are merged by the times of the written text's characters: where a model has
 * none, or the caller wants the labels' times instead, nothing overlaps. Throws `bad_option`.
 */
export function planChunks(
  { chunk = {}, timestamps, start = 0, duration = Infinity }: ChunkingOptions,
  { hasTimes, draft, vad, recommended = {} }: ChunkingInputs,
): ChunkPlan | undefined {
  check(start >= 0 && start < Infinity, "start", start, "a number of seconds, 0 or more");
  check(duration > 0, "duration", duration, "a positive number of seconds");
  if (chunk === "off") return undefined;
  const { seconds = recommended.window ?? 30, cut = vad === undefined ? "quiet" : "vad" } = chunk;
  const { pause = recommended.pause ?? 0.8 } = chunk;
  const { overlap: asked = Math.min(recommended.overlap ?? 2, seconds / 4) } = chunk;
  check(seconds >= 1 && seconds <= 600, "chunk.seconds", seconds, "1 to 600 seconds");
  check(asked >= 0 && asked <= seconds / 2, "chunk.overlap", asked, "0 to half of chunk.seconds");
  check(pause >= 0.1, "chunk.pause", pause, "0.1 seconds or more");
  check(CUT_KINDS.includes(cut), "chunk.cut", cut, CUT_KINDS.join(", "));
  check(cut !== "vad" || vad !== undefined, "chunk.cut", cut, "a model that was loaded with the option vad");
  const overlaps = asked > 0 && hasTimes && timestamps !== "token";
  const rules = { overlap: overlaps ? asked : 0, pause };
  const cutters = {
    quiet: () => cutQuiet(rules),
    fixed: () => cutFixed(rules),
    "ctc-blank": () => cutAtBlanks(rules, draft),
    vad: () => cutAtSpeech(rules, vad!.listen()),
  };
  const cutsShort = chunk.pause !== undefined || recommended.pause !== undefined;
  return {
    windowSamples: Math.round(seconds * MODEL_RATE),
    pauseSamples: Math.round(pause * MODEL_RATE),
    newCutter: cutters[cut],
    cutsShort,
    overlaps,
  };
}

function check(fits: boolean, option: string, found: unknown, wanted: string): void {
  if (!fits) throw new UsageError("bad_option", option, String(found), { wanted });
}
