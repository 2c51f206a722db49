/**
 * Times of SenseVoice's labels. FunASR's SenseVoiceSmall computes a forced alignment with its posteriors; for labels
 * that are the best of each row, the best path is the one they were read from, so the runs of the labels give the same
 * times. Edges lie half a row early, as in FunASR.
 */
import type { TimeSpan } from "./cif-timestamps.ts";
import type { CtcLabel } from "./ctc.ts";

/** Seconds of a label's run of 60 ms rows. The `skipped` first rows of all `frames` are not audio. */
export function labelSpan({ start, end }: CtcLabel, frames: number, skipped: number): TimeSpan {
  return { start: edge(start - skipped), end: Math.min(edge(end - skipped), edge(frames - skipped)) };
}

function edge(row: number): number {
  return Math.max((row * 60 - 30) / 1000, 0);
}
