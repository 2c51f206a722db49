/**
 * Audio between runs of digital silence is recognized on its own. A microphone's signal is never constant for long: a
 * recording with such runs, which are zero but for an offset, was edited, gated or joined. A clip between two of them is
 * therefore cut as a separate recording, by its own background level and in frames that begin with it, so that the same
 * clip always gives the same text. A background that begins suddenly sounds like a consonant, so the silence before it is
 * left out.
 */
import { MODEL_RATE } from "../audio/limits.ts";
import type { Cut, Cutter } from "./cutter.ts";
import { FRAME_SAMPLES, frameLevels, loudOf, quietBelow } from "./loudness.ts";

/** Half a step of 16-bit audio. */
const ZERO = 2 ** -16;
/** −84 dB: in a quiet recording, this part of the largest sample counts as zero. */
const INAUDIBLE = 2 ** -14;
/** Frames; where speech begins within this many, it has no background before it. */
const AT_ONCE = 5;

/** Samples [from, to) of a block between two runs of digital silence. */
interface SoundSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * The spans of `block` between silences of at least `least` samples. Silence is one value for a frame or longer, or a
 * sequence of such values: an offset may drift, or change at once.
 */
function soundsIn(block: Float32Array, least: number): SoundSpan[] {
  const sounds: SoundSpan[] = [];
  let at = 0; // where the current sound begins
  const endSound = (to: number, next: number): void => {
    if (to > at) sounds.push({ from: at, to });
    at = next;
  };
  for (const { from, to } of silencesIn(block)) {
    const isEdge = from === 0 || to === block.length;
    if (isEdge || to - from >= least) endSound(from, to);
  }
  endSound(block.length, block.length);
  return sounds;
}

function silencesIn(block: Float32Array): SoundSpan[] {
  const range = 2 * Math.min(ZERO, reachOf(block) * INAUDIBLE);
  const silences: SoundSpan[] = [];
  for (let from = 0, to = 0; from < block.length; from = to) {
    to = endOfValue(block, from, range);
    if (to - from < FRAME_SAMPLES) continue;
    const before = silences.at(-1);
    if (before?.to === from) silences[silences.length - 1] = { from: before.from, to };
    else silences.push({ from, to });
  }
  return silences;
}

/** How far the samples are from their middle. */
function reachOf(block: Float32Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < block.length; i++) {
    low = Math.min(low, block[i]!);
    high = Math.max(high, block[i]!);
  }
  return (high - low) / 2;
}

/** The end of the samples from `from` on that are equal, or less than `range` apart. */
function endOfValue(block: Float32Array, from: number, range: number): number {
  let [low, high] = [block[from]!, block[from]!];
  for (let i = from + 1; i < block.length; i++) {
    low = Math.min(low, block[i]!);
    high = Math.max(high, block[i]!);
    if (high > low && high - low >= range) return i;
  }
  return block.length;
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
  let loudest = -Infinity; // in dB, of the blocks so far
  return async (block, last, start) => {
    const windows: Cut[] = [];
    const sounds = soundsIn(block, least);
    const levels = frameLevels(block);
    const quiet = quietBelow(levels, loudest);
    loudest = Math.max(loudest, loudOf(levels));
    for (const sound of sounds) {
      const continues = !last && block.length - sound.to < least;
      // How it begins is known when all of it is there; at the start of a block, when the block is full of it.
      if (continues && sound.from > margin) return { windows, next: sound.from - margin };
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
