/** Cuts by a detector of speech: every stretch of speech is one, and what lies between is left out. */
import { MODEL_RATE } from "../audio/limits.ts";
import { cutAtRuns } from "./cuts.ts";
import type { Cut, CutRules, Cutter } from "./cuts.ts";
import { frameLevels, quietRuns } from "./loudness.ts";
import type { SampleSpan } from "../vad/vad.ts";

/** Who says where speech is, while the recording is read: `VadStream`. */
export interface SpeechListener {
  readonly open: number | undefined;
  push(samples: Float32Array): Promise<SampleSpan[]>;
  end(length: number): Promise<SampleSpan[]>;
}

/** Speech that is noticed begins at most so much earlier. */
const LOOK_BACK = 0.4 * MODEL_RATE;

/** Speech that fills a whole window is cut as without a detector. */
export function cutAtSpeech(rules: CutRules, listener: SpeechListener): Cutter {
  let heard: number | undefined; // how far the listener is, in samples of the recording
  let offset = 0; // where it began
  return async (window, last, start) => {
    if (heard === undefined) [heard, offset] = [start, start];
    const spans = await listener.push(window.subarray(heard - start));
    heard = start + window.length;
    if (last) spans.push(...(await listener.end(heard - offset)));
    const stretches = spans
      .map((span): Cut => ({
        from: Math.max(0, span.start + offset - start),
        to: Math.min(window.length, span.end + offset - start),
        ends: "pause",
      }))
      .filter(({ from, to }) => to > from);
    if (last) return { stretches, next: window.length };
    const taken = stretches.at(-1)?.to ?? 0;
    const open = listener.open === undefined ? window.length - LOOK_BACK : listener.open + offset - start;
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
