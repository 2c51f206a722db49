/** Cuts by a voice activity detector: each span of speech is a window, and the audio between them is left out. */
import { MODEL_RATE } from "../audio/limits.ts";
import { cutWithoutPause } from "./cuts.ts";
import type { Cut, CutRules, Cutter, SampleSpan } from "./cutter.ts";

/** The detector's state for one recording, while it is read. */
export interface SpeechStream {
  /** Where speech that has not ended begins, if there is any. */
  readonly open: number | undefined;
  /** Takes samples; returns the spans of speech that are now final, in samples since the first one. */
  push(samples: Float32Array): Promise<SampleSpan[]>;
  /** The remaining spans of a recording of `length` samples. */
  end(length: number): Promise<SampleSpan[]>;
}

/** Samples; speech begins at most this long before it is detected. */
const LOOK_BACK = 0.4 * MODEL_RATE;

/** Speech that fills a whole block is cut at a quiet moment, as without a detector. */
export function cutAtSpeech(rules: CutRules, speech: SpeechStream): Cutter {
  let pushed: number | undefined; // the end of the samples that the detector has, in the recording
  let offset = 0; // where these samples begin
  return async (block, last, start) => {
    if (pushed === undefined) [pushed, offset] = [start, start];
    const spans = await speech.push(block.subarray(pushed - start));
    pushed = start + block.length;
    if (last) spans.push(...(await speech.end(pushed - offset)));
    const windows = spans
      .map((span): Cut => ({
        from: Math.max(0, span.start + offset - start),
        to: Math.min(block.length, span.end + offset - start),
        ends: "pause",
      }))
      .filter(({ from, to }) => to > from);
    if (last) return { windows, next: block.length };
    const taken = windows.at(-1)?.to ?? 0;
    const open = speech.open === undefined ? block.length - LOOK_BACK : speech.open + offset - start;
    const next = Math.max(taken, open, 0);
    if (next > 0) return { windows, next: Math.floor(next) };
    return cutWithoutPause(block, rules);
  };
}
