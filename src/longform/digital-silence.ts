/**
 * Audio between runs of digital silence is recognized on its own. A microphone's signal is never exactly zero for
 * long: a recording with such zeros was edited, gated or joined. A clip between two such runs is therefore cut as a
 * separate recording, by its own background level and in frames that begin with it, so that the same clip always gives
 * the same text. A background that begins suddenly sounds like a consonant, so the silence before it is left out.
 */
import { MODEL_RATE } from "../audio/limits.ts";
import type { Cut, Cutter } from "./cutter.ts";
import { frameLevels, quietBelow } from "./loudness.ts";

/** Half a step of 16-bit audio. */
const ZERO = 2 ** -16;
/** Frames; where speech begins within this many, it has no background before it. */
const AT_ONCE = 5;

/** Samples [from, to) of a block between two runs of digital silence. */
interface SoundSpan {
  readonly from: number;
  readonly to: number;
}

/** The spans of `block` between runs of at least `least` zeros, without zeros at their ends. */
function soundsIn(block: Float32Array, least: number): SoundSpan[] {
  const sounds: { from: number; to: number }[] = [];
  for (let i = 0, end = -Infinity; i < block.length; i++) {
    if (Math.abs(block[i]!) < ZERO) continue;
    if (i - end >= least) sounds.push({ from: i, to: i });
    sounds.at(-1)!.to = end = i + 1;
  }
  return sounds;
}

interface SoundRules {
  /** Seconds of digital silence that separate two sounds. */
  readonly pause: number;
  /** Seconds of digital silence, half a pause at most, that are kept beside speech that has no background. */
  readonly margin: number;
}

/**
 * Cuts each sound span by `cut` as a separate recording. A span that continues after the block is left for the next
 * block; a span that is quiet compared with the others is dropped.
 */
export function bySounds(rules: SoundRules, cut: Cutter): Cutter {
  const least = rules.pause * MODEL_RATE;
  const margin = Math.min(rules.margin * MODEL_RATE, Math.floor(least / 2));
  return async (block, last, start) => {
    const windows: Cut[] = [];
    const sounds = soundsIn(block, least);
    const quiet = quietBelow(frameLevels(block));
    for (const sound of sounds) {
      const continues = !last && block.length - sound.to < least;
      const { from, to } = withMargins(block, sound, margin);
      if (continues && from > 0) return { windows, next: from };
      if (continues) return cut(block, false, start);
      if (!isLoud(frameLevels(block.subarray(sound.from, sound.to)), quiet)) continue;
      const own = await cut(block.subarray(from, to), true, start + from);
      for (const part of own.windows) {
        const ends = part.ends === "end" && !(last && sound === sounds.at(-1)) ? "pause" : part.ends;
        windows.push({ from: part.from + from, to: part.to + from, ends });
      }
    }
    // The beginning of the next block keeps its margin.
    return { windows, next: last ? block.length : block.length - margin };
  };
}

/** The span with a margin of silence where it begins or ends with speech. */
function withMargins(block: Float32Array, { from, to }: SoundSpan, margin: number): SoundSpan {
  const levels = frameLevels(block.subarray(from, to));
  const quiet = quietBelow(levels);
  const begins = isLoud(levels.subarray(0, AT_ONCE), quiet);
  const ends = isLoud(levels.subarray(-AT_ONCE), quiet);
  return {
    from: begins ? Math.max(0, from - margin) : from,
    to: ends ? Math.min(block.length, to + margin) : to,
  };
}

const isLoud = (levels: Float64Array, quiet: number): boolean => levels.some((level) => level >= quiet);
