/** Results of the parts that can be used alone: the alignment of a given text, and the output of a CTC branch. */
import { AudioError, UsageError } from "../errors.ts";
import { frameSeconds } from "../decoding/ctc.ts";
import type { CtcLabel, TopLabels } from "../decoding/ctc.ts";
import { agreement } from "../text/agreement.ts";
import type { TimedUnit } from "../text/timestamps/timed.ts";
import { toWords } from "../text/timestamps/words.ts";
import type { Warning } from "../warnings.ts";
import { rounded } from "./shared.ts";
import type { Alignment, CtcResult, Timings } from "./result.ts";
import type { CtcRequest } from "./options.ts";
import type { Features } from "../frontend/options.ts";

/** Frames of 60 ms that can be read at once: five minutes, since the cost of attention grows with their square. */
const maxFrames = 5000;

/** Throws `audio_too_long` where a recording is too long for one window. */
export function checkLength({ rows }: Features): void {
  if (rows > maxFrames) {
    throw new AudioError("audio_too_long", "audio", `${Math.ceil(frameSeconds(rows))} s in one piece`, {
      wanted: `at most ${frameSeconds(maxFrames)} s`,
      remedy: "Transcribe long recordings, or align them part by part",
    });
  }
}

interface Aligned {
  readonly text: string;
  readonly units: readonly TimedUnit[];
  readonly recognized: string;
  readonly timings: Timings;
  readonly warnings: readonly Warning[];
}

export function alignmentOf({ text, units, recognized, timings, warnings }: Aligned): Alignment {
  return {
    text,
    characters: units,
    words: toWords(units),
    recognizedText: recognized,
    agreement: rounded(agreement(text, recognized)),
    timings,
    warnings,
  };
}

const maxLabels = 100;

/** The number of labels of each frame. Throws `bad_option`. */
export function labelsWanted({ topK = 1 }: CtcRequest): number {
  if (!(Number.isInteger(topK) && topK >= 1 && topK <= maxLabels))
    throw new UsageError("bad_option", "topK", String(topK), { wanted: `1 to ${maxLabels}` });
  return topK;
}

/** `textOf` gives the text of a label, empty for the blank. */
export function readingOf(
  top: TopLabels,
  labels: readonly CtcLabel[],
  textOf: (id: number) => string,
): Pick<CtcResult, "labels" | "frames"> {
  return {
    labels: labels.map(({ id, start, end, score }) => ({
      id,
      text: textOf(id),
      start: frameSeconds(start),
      end: frameSeconds(end),
      score: rounded(score),
    })),
    frames: Array.from({ length: top.frames }, (_, frame) => ({
      time: frameSeconds(frame),
      labels: Array.from({ length: top.count }, (_, rank) => {
        const id = top.ids[frame * top.count + rank]!;
        return { id, text: textOf(id), probability: Math.exp(top.logProbs[frame * top.count + rank]!) };
      }),
    })),
  };
}
