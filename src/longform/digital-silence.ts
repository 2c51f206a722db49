/**
 * Audio between stretches of digital silence is recognized on its own. A microphone's signal is never exactly zero for
 * long: where a recording is, it was edited, gated or joined. A clip between two such silences is therefore cut as a
 * recording of its own, by its own background and in frames that begin with it, so that the same clip always gives the
 * same text. A background that begins suddenly sounds like a consonant, so the silence before it is left out.
 */
import { MODEL_RATE } from "../audio/limits.ts";
import type { Cut, Cutter } from "./cutter.ts";
import { frameLevels, quietBelow } from "./loudness.ts";

/** Half a step of 16-bit audio. */
const ZERO = 2 ** -16;
/** Frames; where speech begins within this many, it has no background before it. */
const AT_ONCE = 5;

/** Samples [from, to) of a window between two stretches of digital silence. */
export interface SoundSpan {
  readonly from: number;
  readonly to: number;
}

/** The spans of `window` between stretches of at least `least` zeros, without zeros at their ends. */
export function soundsIn(window: Float32Array, least: number): SoundSpan[] {
  const sounds: { from: number; to: number }[] = [];
  for (let i = 0, end = -Infinity; i < window.length; i++) {
    if (Math.abs(window[i]!) < ZERO) continue;
    if (i - end >= least) sounds.push({ from: i, to: i });
    sounds.at(-1)!.to = end = i + 1;
  }
  return sounds;
}

export interface SoundRules {
  /** Seconds of digital silence that separate two sounds. */
  readonly pause: number;
  /** Seconds of it, half a pause at most, that stay with speech without a background of its own. */
  readonly margin: number;
}

/**
 * Cuts each sound span by `cut` as a recording of its own; a span that continues after the window waits for the next
 * window, and one that is quiet beside the others is left out.
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
    // The beginning of the next window keeps its margin.
    return { stretches, next: last ? window.length : window.length - margin };
  };
}

/** The span with a margin of silence where it begins or ends with speech. */
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
