/**
 * When SenseVoice's labels were said. FunASR's SenseVoiceSmall aligns them with its posteriors by force; for labels
 * that are the best of each row, the best path is the one that they were read from, so their own runs are the answer.
 * Edges lie half a row early, as there.
 */
import type { TimeSpan } from "./cif-timestamps.ts";
import type { CtcLabel } from "./ctc.ts";

/** Seconds of a label's run of 60 ms rows, counted behind the `skipped` first rows of all `frames`. */
export function labelSpan({ start, end }: CtcLabel, frames: number, skipped: number): TimeSpan {
  return { start: edge(start - skipped), end: Math.min(edge(end - skipped), edge(frames - skipped)) };
}

function edge(row: number): number {
  return Math.max((row * 60 - 30) / 1000, 0);
}
