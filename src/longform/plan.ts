/** How a caller wants long recordings cut: checked, with the usual values filled in. */
import { MODEL_RATE } from "../audio/limits.ts";
import { UsageError } from "../errors.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import { cutAtBlanks } from "./blank-runs.ts";
import { cutFixed, cutQuiet } from "./cuts.ts";
import type { Cutter } from "./cuts.ts";
import { cutAtSpeech } from "./speech-runs.ts";
import type { SpeechListener } from "./speech-runs.ts";

export const cutKinds = ["quiet", "fixed", "ctc-blank", "vad"] as const;

export interface ChunkOptions {
  /** The longest stretch that is recognized at once: 30 s unless given. */
  readonly seconds?: number | undefined;
  /** Seconds that two stretches share where speech has to be cut: 2 unless given. */
  readonly overlap?: number | undefined;
  /** Seconds of quiet that always end a stretch: 0.8 unless given. Not for `fixed`. */
  readonly pause?: number | undefined;
  /**
   * Where: at quiet moments, after fixed lengths, where the CTC branch hears nothing, or where FSMN-VAD hears no speech
   * (the default where a model was loaded with one).
   */
  readonly cut?: (typeof cutKinds)[number] | undefined;
}

export interface ChunkPlan {
  readonly windowSamples: number;
  readonly cutter: Cutter;
  /** Whether stretches overlap where speech was cut. */
  readonly overlaps: boolean;
}

interface ChunkingOptions {
  readonly chunk?: ChunkOptions | "off" | undefined;
  readonly timestamps?: "none" | "token" | "word" | undefined;
  readonly start?: number | undefined;
  readonly duration?: number | undefined;
}

/** What a recording can be cut by. */
export interface ChunkingInputs {
  /** Whether the model can time what it writes. */
  readonly hasTimes: boolean;
  /** The CTC labels of a window with their times in it. */
  readonly draft: (window: Float32Array) => Promise<readonly TimedText[]>;
  readonly vad?: { listen(): SpeechListener } | undefined;
}

/**
 * Undefined where nothing shall be cut. Overlaps are merged by the times of the written text's characters: where a
 * model has none (`hasTimes`), or the caller wants the labels' instead, nothing overlaps.
 */
export function planChunks(
  { chunk = {}, timestamps, start = 0, duration = Infinity }: ChunkingOptions,
  { hasTimes, draft, vad }: ChunkingInputs,
): ChunkPlan | undefined {
  demand(start >= 0 && start < Infinity, "start", start, "a number of seconds, 0 or more");
  demand(duration > 0, "duration", duration, "a positive number of seconds");
  if (chunk === "off") return undefined;
  const { seconds = 30, pause = 0.8, cut = vad === undefined ? "quiet" : "vad" } = chunk;
  const { overlap: asked = Math.min(2, seconds / 4) } = chunk;
  demand(seconds >= 1 && seconds <= 600, "chunk.seconds", seconds, "1 to 600 seconds");
  demand(asked >= 0 && asked <= seconds / 2, "chunk.overlap", asked, "0 to half of chunk.seconds");
  demand(pause >= 0.1, "chunk.pause", pause, "0.1 seconds or more");
  demand(cutKinds.includes(cut), "chunk.cut", cut, cutKinds.join(", "));
  demand(cut !== "vad" || vad !== undefined, "chunk.cut", cut, "a model that was loaded with the option vad");
  const overlaps = asked > 0 && hasTimes && timestamps !== "token";
  const rules = { overlap: overlaps ? asked : 0, pause };
  const cutters = {
    quiet: () => cutQuiet(rules),
    fixed: () => cutFixed(rules),
    "ctc-blank": () => cutAtBlanks(rules, draft),
    vad: () => cutAtSpeech(rules, vad!.listen()),
  };
  return { windowSamples: Math.round(seconds * MODEL_RATE), cutter: cutters[cut](), overlaps };
}

function demand(fits: boolean, option: string, found: unknown, wanted: string): void {
  if (!fits) throw new UsageError("bad_option", option, String(found), { wanted });
}
