/** Cuts by a voice-activity detector: each span of speech is a stretch, and the audio between them is left out. */
import { MODEL_RATE } from "../audio/limits.ts";
import { cutAtRuns } from "./cuts.ts";
import type { Cut, CutRules, Cutter, SampleSpan } from "./cutter.ts";
import { frameLevels, quietRuns } from "./loudness.ts";

/** The detector's state for one recording, while it is read. */
export interface SpeechStream {
  /** Where speech that has not ended begins, if there is any. */
  readonly open: number | undefined;
  /** Takes samples; gives the spans of speech that are final now, in samples since the first one. */
  push(samples: Float32Array): Promise<SampleSpan[]>;
  /** The remaining spans of a recording of `length` samples. */
  end(length: number): Promise<SampleSpan[]>;
}

/** Samples; speech begins at most this long before it is detected. */
const LOOK_BACK = 0.4 * MODEL_RATE;

/** Speech that fills a whole window is cut at a quiet moment, as without a detector. */
export function cutAtSpeech(rules: CutRules, speech: SpeechStream): Cutter {
  let pushed: number | undefined; // the end of what the detector has seen, in samples of the recording
  let offset = 0; // where it began
  return async (window, last, start) => {
    if (pushed === undefined) [pushed, offset] = [start, start];
    const spans = await speech.push(window.subarray(pushed - start));
    pushed = start + window.length;
    if (last) spans.push(...(await speech.end(pushed - offset)));
    const stretches = spans
      .map((span): Cut => ({
        from: Math.max(0, span.start + offset - start),
        to: Math.min(window.length, span.end + offset - start),
        ends: "pause",
      }))
      .filter(({ from, to }) => to > from);
    if (last) return { stretches, next: window.length };
    const taken = stretches.at(-1)?.to ?? 0;
    const open = speech.open === undefined ? window.length - LOOK_BACK : speech.open + offset - start;
    const next = Math.max(taken, open, 0);
    if (next > 0) return { stretches, next: Math.floor(next) };
    const levels = frameLevels(window);
    const forced = cutAtRuns(
      window,
      false,
      { runs: quietRuns(levels), levels, gap: 0.12 },
      { ...rules, pause: Infinity },
    );
    return forced;
  };
}
