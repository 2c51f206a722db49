/**
 * The loudness of a recording over time, and its quiet parts. A threshold between the level of the background and that of
 * the loudest frames separates words from the gaps between them.
 */
import { MODEL_RATE } from "../audio/limits.ts";
import { energyOf } from "./frame-energy.ts";

/** Samples of one frame of 10 ms. */
export const FRAME_SAMPLES = MODEL_RATE / 100;

/** Frames [from, to). */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** dB of full scale: that of digital silence. */
const FLOOR = -200;
/** dB of full scale. A quieter sound is noise of converters, unless it stands out from a background that is far lower. */
const SILENCE = -65;
/** The same for the loudest moment of a window. */
const SILENT_WINDOW = -70;
/** dB above the background from which a quiet sound is a recording at a low level. */
const STANDS_OUT = 20;
/** dB of full scale; no recording is quieter. */
const FAINTEST = -120;
/** dB below speech; a background that is even lower counts as this one. */
const MOST_RANGE = 55;
/** dB; where background and speech are closer than this, there are no pauses to find. */
const LEAST_RANGE = 10;
/**
 * The threshold's share of the way from background to speech, and its most dB above the background: beside a loud voice,
 * a quiet one must not count as background.
 */
const SHARE = 0.35;
const MOST_ABOVE = 12;
/** The share of frames that are background: in dense speech, no more than a few gaps between words. */
export const QUIETEST = 0.02;
/** The share of quiet frames beside which a quiet sound must stand out. Rumble alone has fewer that are far quieter. */
const QUIET = 0.1;
/** The number of loudest frames that give the level of speech: 100 ms. */
const LOUDEST = 10;
/** The same for a window, which may hold one short word. */
const LOUDEST_OF_WINDOW = 3;

/** Level of each frame in dB of full scale; the last frame can be shorter than the others. */
export function frameLevels(samples: Float32Array): Float64Array {
  const levels = new Float64Array(Math.ceil(samples.length / FRAME_SAMPLES));
  for (let frame = 0; frame < levels.length; frame++) {
    const from = frame * FRAME_SAMPLES;
    const to = Math.min(from + FRAME_SAMPLES, samples.length);
    levels[frame] = Math.max(FLOOR, 10 * Math.log10(energyOf(samples, from, to)));
  }
  return levels;
}

/** dB of the loudest frames: of speech, where there is any. */
export function loudOf(levels: Float64Array, frames = LOUDEST): number {
  return levels.toSorted().at(-Math.min(frames, levels.length)) ?? FLOOR;
}

/** dB below which this share of the frames is. */
function quantile(levels: Float64Array, share: number): number {
  return levels.toSorted()[Math.floor(levels.length * share)] ?? FLOOR;
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

/**
 * Frames below this level are quiet. -∞ where speech and background cannot be separated, +∞ where all is silence;
 * `loudest` is the level of speech elsewhere in the recording, beside which a sound can be too quiet.
 */
export function quietBelow(levels: Float64Array, loudest = -Infinity): number {
  const loud = loudOf(levels);
  const beside = loud < SILENCE && loud < loudest - MOST_RANGE;
  if (beside || isNoise(levels, loud, SILENCE)) return Infinity;
  const base = Math.max(quantile(levels, QUIETEST), loud - MOST_RANGE);
  return loud - base < LEAST_RANGE ? -Infinity : base + Math.min(SHARE * (loud - base), MOST_ABOVE);
}

/** Whether a sound is too quiet to be speech, and does not stand out from its background either. */
function isNoise(levels: Float64Array, loud: number, limit: number): boolean {
  return loud < FAINTEST || (loud < limit && loud - quantile(levels, QUIET) < STANDS_OUT);
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

/** Whether there is no speech in the samples of a window, by their level alone. */
export function isSilent(samples: Float32Array): boolean {
  const levels = frameLevels(samples);
  return isNoise(levels, loudOf(levels, LOUDEST_OF_WINDOW), SILENT_WINDOW);
}
