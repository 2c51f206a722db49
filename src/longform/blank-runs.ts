/**
 * Cuts where the CTC branch has blanks for longest: it distinguishes a quiet word from a loud noise, which levels cannot.
 * It costs one more CTC draft of every block.
 */
import { FRAME_SAMPLES, frameLevels } from "./loudness.ts";
import type { Run } from "./loudness.ts";
import { MODEL_RATE } from "../audio/limits.ts";
import type { TimedText } from "../text/timestamps/timed.ts";
import { cutAtRuns, MARGIN } from "./cuts.ts";
import type { CutRules, Cutter } from "./cutter.ts";
import { bySounds } from "./digital-silence.ts";

/** Seconds; labels are spikes of one frame, so that there are blanks between them even within a word. */
const GAP = 0.4;

/** `draft` gives the labels of a block with their times in it, in seconds. */
export function cutAtBlanks(
  rules: CutRules,
  draft: (block: Float32Array) => Promise<readonly TimedText[]>,
): Cutter {
  return bySounds({ ...rules, margin: MARGIN }, async (block, last) => {
    const levels = frameLevels(block);
    const labels = await draft(block);
    return cutAtRuns(block, last, { runs: between(labels, levels.length), levels, gap: GAP }, rules);
  });
}

/** The frames of 10 ms that belong to no label. */
function between(labels: readonly TimedText[], frames: number): Run[] {
  const frame = (seconds: number): number =>
    Math.min(frames, Math.round((seconds * MODEL_RATE) / FRAME_SAMPLES));
  const runs: Run[] = [];
  let from = 0;
  for (const { start, end } of [...labels, { start: Infinity, end: Infinity }]) {
    if (frame(start) > from) runs.push({ from, to: frame(start) });
    from = Math.max(from, frame(end));
  }
  return runs;
}
