/**
 * The loudness of a recording over time, and its quiet parts. A threshold between the level of the background and that of
 * the loudest frames separates words from the gaps between them.
 */
import { MODEL_RATE } from "../audio/limits.ts";

/** Samples of one frame of 10 ms. */
export const FRAME_SAMPLES = MODEL_RATE / 100;

/** Frames [from, to). */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** dB of full scale; a lower level is noise of converters, and digital silence counts as this level. */
const FLOOR = -70;
/** dB of full scale; nothing quieter can be speech. */
const SILENCE = -65;
/** dB; where background and speech are closer than this, there are no pauses to find. */
const LEAST_RANGE = 10;
/**
 * The threshold's share of the way from background to speech, and its most dB above the background: beside a loud voice,
 * a quiet one must not count as background.
 */
const SHARE = 0.35;
const MOST_ABOVE = 12;
/** The share of frames that are background: in dense speech, no more than a few gaps between words. */
const QUIETEST = 0.02;
/** The number of loudest frames that give the level of speech: 100 ms. */
const LOUDEST = 10;

/** Level of each frame in dB of full scale; the last frame can be shorter than the others. */
export function frameLevels(samples: Float32Array): Float64Array {
  const levels = new Float64Array(Math.ceil(samples.length / FRAME_SAMPLES));
  for (let frame = 0; frame < levels.length; frame++) {
    const from = frame * FRAME_SAMPLES;
    const to = Math.min(from + FRAME_SAMPLES, samples.length);
    let squares = 0;
    for (let i = from; i < to; i++) squares += samples[i]! ** 2;
    levels[frame] = Math.max(FLOOR, 10 * Math.log10(squares / (to - from)));
  }
  return levels;
}

/** Frames on each side of a second that give its own background: speakers and lines change. */
const NEIGHBOURHOOD = 400;
const SECOND = 100;

/** The level below which each frame is quiet: that of the whole, or of its neighborhood where that is higher. */
function thresholds(levels: Float64Array): Float64Array {
  const overall = quietBelow(levels);
  const each = new Float64Array(levels.length);
  for (let from = 0; from < levels.length; from += SECOND) {
    const near = levels.subarray(Math.max(0, from - NEIGHBOURHOOD), from + SECOND + NEIGHBOURHOOD);
    const own = quietBelow(near);
    each.fill(own === Infinity ? overall : Math.max(overall, own), from, from + SECOND);
  }
  return each;
}

/** Frames below this level are quiet. -∞ where speech and background cannot be separated, +∞ where all is silence. */
export function quietBelow(levels: Float64Array): number {
  const sorted = levels.toSorted();
  const background = sorted[Math.floor(sorted.length * QUIETEST)] ?? FLOOR;
  const loud = sorted.at(-Math.min(LOUDEST, sorted.length)) ?? FLOOR;
  if (loud < SILENCE) return Infinity;
  const range = loud - background;
  return range < LEAST_RANGE ? -Infinity : background + Math.min(SHARE * range, MOST_ABOVE);
}

/** Runs of quiet frames, in order. */
export function quietRuns(levels: Float64Array): Run[] {
  const limits = thresholds(levels);
  const runs: Run[] = [];
  let from = -1;
  for (let frame = 0; frame <= levels.length; frame++) {
    const quiet = frame < levels.length && levels[frame]! < limits[frame]!;
    if (quiet && from < 0) from = frame;
    if (!quiet && from >= 0) {
      runs.push({ from, to: frame });
      from = -1;
    }
  }
  return runs;
}

/** The frame in [from, to) around which 200 ms are the quietest; the last of equals. */
export function quietestFrame(levels: Float64Array, from: number, to: number): number {
  const reach = 10;
  let best = to - 1;
  let least = Infinity;
  for (let frame = from; frame < to; frame++) {
    let energy = 0;
    let count = 0;
    for (let i = Math.max(0, frame - reach); i < Math.min(levels.length, frame + reach); i++, count++) {
      energy += 10 ** (levels[i]! / 10);
    }
    const mean = energy / count;
    if (mean <= least) [best, least] = [frame, mean];
  }
  return best;
}

/** Root mean square of the loudest 25 ms. */
function loudness(samples: Float32Array): number {
  const window = 400;
  let loudest = 0;
  for (let start = 0; start < samples.length; start += window) {
    const frame = samples.subarray(start, start + window);
    const squares = frame.reduce((sum, x) => sum + x * x, 0);
    loudest = Math.max(loudest, squares / frame.length);
  }
  return Math.sqrt(loudest);
}

/** Below this level nothing can be speech: the loudest 25 ms are ten steps of 16-bit audio (−70 dB of full scale). */
const silenceLevel = 10 / 32_768;

export function isSilent(samples: Float32Array): boolean {
  return loudness(samples) < silenceLevel;
}
