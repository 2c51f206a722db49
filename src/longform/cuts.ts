/**
 * Cutters that use samples alone: windows of one length, and cuts at quiet moments. Where a recording is cut depends on
 * its samples, not on the sizes of the pieces in which it was read.
 */
import { MODEL_RATE } from "../audio/limits.ts";
import { FRAME_SAMPLES, frameLevels, quietestFrame, quietRuns } from "./loudness.ts";
import type { Run } from "./loudness.ts";
import type { Cut, CutRules, Cuts, Cutter } from "./cutter.ts";
import { bySounds } from "./digital-silence.ts";

/** Seconds of a pause that each adjacent window keeps. */
export const MARGIN = 0.3;
/** Seconds; a shorter sound is a click, not a syllable. */
export const CLICK = 0.08;
/** Seconds of quiet between two words. */
const WORD_GAP = 0.12;

export const toFrames = (seconds: number): number => Math.round((seconds * MODEL_RATE) / FRAME_SAMPLES);

/** Windows of one length, whatever they contain. */
export function cutFixed({ overlap }: Pick<CutRules, "overlap">): Cutter {
  return (block, last) => ({
    windows: [{ from: 0, to: block.length, ends: last ? "end" : "speech" }],
    next: last ? block.length : block.length - Math.round(overlap * MODEL_RATE),
  });
}

/** Cuts where it is quiet. */
export function cutQuiet(rules: CutRules): Cutter {
  return bySounds({ ...rules, margin: MARGIN }, (block, last) => {
    const levels = frameLevels(block);
    return cutAtRuns(block, last, { runs: quietRuns(levels), levels, gap: WORD_GAP }, rules);
  });
}

interface Quiet {
  /** Frames without speech, in order. */
  readonly runs: readonly Run[];
  readonly levels: Float64Array;
  /** Seconds of quiet that are a good place to cut at. */
  readonly gap: number;
}

/**
 * Every pause ends a window, and most of its silence is left out. Where a whole block has no pause, the longest gap
 * in its second half ends the window; where there is no gap either, the quietest moment, with an overlap.
 */
export function cutAtRuns(block: Float32Array, last: boolean, quiet: Quiet, rules: CutRules): Cuts {
  const frames = quiet.levels.length;
  const pauses = quiet.runs.filter(({ from, to }) => to - from >= toFrames(rules.pause));
  const windows: Cut[] = [];
  let start = 0; // where the current window begins, in samples
  let afterPause = 0; // the frame after the last pause
  for (const pause of pauses) {
    const { to, next } = share(pause);
    if (pause.from - afterPause >= toFrames(CLICK)) {
      windows.push({ from: start, to: Math.min(to, block.length), ends: "pause" });
    }
    start = Math.min(next, block.length);
    afterPause = pause.to;
  }
  if (last) {
    const rest = frames - afterPause >= toFrames(CLICK);
    if (rest) windows.push({ from: start, to: block.length, ends: "end" });
    return { windows, next: block.length };
  }
  return start > 0 ? { windows, next: start } : forced(block.length, quiet, rules);
}

/** Cuts a block that is as long as a window and has no pause. */
export function cutWithoutPause(block: Float32Array, { overlap }: Pick<CutRules, "overlap">): Cuts {
  const levels = frameLevels(block);
  const quiet = { runs: quietRuns(levels), levels, gap: WORD_GAP };
  return cutAtRuns(block, false, quiet, { overlap, pause: Infinity });
}

/** The frames at which the speech before a pause ends and that after it begins: both keep a margin, or half the pause. */
function share({ from, to }: Run): { to: number; next: number } {
  const keep = Math.min(toFrames(MARGIN), Math.floor((to - from) / 2));
  return { to: (from + keep) * FRAME_SAMPLES, next: (to - keep) * FRAME_SAMPLES };
}

/** One window up to the best cut in the second half of a block without a pause. */
function forced(length: number, { runs, levels, gap }: Quiet, { overlap }: CutRules): Cuts {
  const reach = Math.ceil(toFrames(overlap) / 2);
  const [first, last] = [Math.floor(levels.length / 2), levels.length - Math.max(reach, 1)];
  const middle = ({ from, to }: Run): number => Math.floor((from + to) / 2);
  const longest = runs
    .filter((run) => middle(run) >= first && middle(run) < last)
    .reduce<Run>((best, run) => (run.to - run.from >= best.to - best.from ? run : best), { from: 0, to: 0 });
  if (longest.to - longest.from >= toFrames(gap)) {
    const at = middle(longest) * FRAME_SAMPLES;
    return { windows: [{ from: 0, to: at, ends: "pause" }], next: at };
  }
  const at = quietestFrame(levels, first, last);
  const to = Math.min((at + reach) * FRAME_SAMPLES, length);
  return { windows: [{ from: 0, to, ends: "speech" }], next: (at - reach) * FRAME_SAMPLES };
}
