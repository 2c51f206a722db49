/** When a cue is shown: from its first word on, as long as it takes to read it, if the next one leaves the time. */
import { settle } from "../timestamps/timed.ts";
import type { TimedText } from "../timestamps/timed.ts";
import { within } from "../timestamps/within.ts";
import { MIN_SECONDS } from "./cue-limits.ts";
import type { CueLimits } from "./cue-limits.ts";

/** Seconds that a cue stays after its last word. */
const LINGER = 0.5;

/** What bounds the times of cues: their limits, and the end of the audio in seconds. */
export type TimeLimits = Pick<CueLimits, "maxSeconds" | "minGap"> & { readonly until: number };

/**
 * The end of a cue from `start`, after that, in seconds: `spoken` is the end of its last word, `next` the start of the next cue
 * (or infinity), `needed` the time in which it is read.
 */
export function shownUntil(
  start: number,
  spoken: number,
  next: number,
  needed: number,
  { maxSeconds, minGap, until }: TimeLimits,
): number {
  const wanted = Math.max(spoken + LINGER, start + MIN_SECONDS, start + needed);
  const gap = Math.min(minGap, Math.max(0, next - start) / 2); // where there is no room for it: half of the time
  return Math.min(wanted, start + maxSeconds, until, next - gap);
}

/** Times that increase, of which none is after the audio; each cue lasts. */
export function inOrder<Cue extends TimedText>(cues: readonly Cue[], until: number): Cue[] {
  const settled = settle(cues.map((cue) => ({ ...cue, source: "interpolated" as const })));
  return within(settled, until).map(({ start, end }, i) => ({ ...cues[i]!, start, end }));
}
