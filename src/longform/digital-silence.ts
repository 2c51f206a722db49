/**
 * Digital silence, and what lies between. Nothing that a microphone hears is exactly zero for long: where a recording
 * is, it was edited, gated or put together. So what stands between two such silences is cut as a recording of its own,
 * by its own background and in frames that begin with it, and is heard alike wherever it stands. A background that
 * begins suddenly sounds like a consonant; the silence before it is therefore no context for the speech behind it.
 */
import { MODEL_RATE } from "../audio/limits.ts";
import type { Cut, Cutter } from "./cutter.ts";
import { frameLevels, quietBelow } from "./loudness.ts";

/** Half a step of 16-bit audio. */
const ZERO = 2 ** -16;
/** Where somebody speaks within so many frames, the words have no background before them. */
const AT_ONCE = 5;

/** Samples [from, to) of a window that are more than digital silence. */
export interface SoundSpan {
  readonly from: number;
  readonly to: number;
}

/** What is left of `window` without the stretches of `least` or more zeros, and without zeros at its ends. */
export function soundsIn(window: Float32Array, least: number): SoundSpan[] {
  const sounds: { from: number; to: number }[] = [];
  for (let i = 0, heard = -Infinity; i < window.length; i++) {
    if (Math.abs(window[i]!) < ZERO) continue;
    if (i - heard >= least) sounds.push({ from: i, to: i });
    sounds.at(-1)!.to = heard = i + 1;
  }
  return sounds;
}

export interface SoundRules {
  /** Seconds of digital silence that separate two sounds. */
  readonly pause: number;
  /** Seconds of it, half a pause at most, that stay with speech that has no background of its own. */
  readonly margin: number;
}

/**
 * Cuts each sound by `cut` as if it were all there is; one that goes on behind the window waits for the next window,
 * and one that is quiet beside the others is left out.
 */
export function bySounds(rules: SoundRules, cut: Cutter): Cutter {
  const least = rules.pause * MODEL_RATE;
  const margin = Math.min(rules.margin * MODEL_RATE, Math.floor(least / 2));
  return async (window, last, start) => {
    const stretches: Cut[] = [];
    const sounds = soundsIn(window, least);
    const quiet = quietBelow(frameLevels(window));
    for (const sound of sounds) {
      const goesOn = !last && window.length - sound.to < least;
      const { from, to } = withMargins(window, sound, margin);
      if (goesOn && from > 0) return { stretches, next: from };
      if (goesOn) return cut(window, false, start);
      if (!isLoud(frameLevels(window.subarray(sound.from, sound.to)), quiet)) continue;
      const own = await cut(window.subarray(from, to), true, start + from);
      for (const part of own.stretches) {
        const ends = part.ends === "end" && !(last && sound === sounds.at(-1)) ? "pause" : part.ends;
        stretches.push({ from: part.from + from, to: part.to + from, ends });
      }
    }
    // What the next window begins with keeps its margin.
    return { stretches, next: last ? window.length : window.length - margin };
  };
}

/** With some of the silence around it where it begins or ends with speech. */
function withMargins(window: Float32Array, { from, to }: SoundSpan, margin: number): SoundSpan {
  const levels = frameLevels(window.subarray(from, to));
  const quiet = quietBelow(levels);
  const begins = isLoud(levels.subarray(0, AT_ONCE), quiet);
  const ends = isLoud(levels.subarray(-AT_ONCE), quiet);
  return {
    from: begins ? Math.max(0, from - margin) : from,
    to: ends ? Math.min(window.length, to + margin) : to,
  };
}

const isLoud = (levels: Float64Array, quiet: number): boolean => levels.some((level) => level >= quiet);
