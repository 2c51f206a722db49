/** A long talk made of the demo model's test clips: pauses between the sentences, and one low noise over all of it. */
import { MODEL_RATE } from "../../../src/audio/limits.ts";
import type { Utterance } from "../../../tools/eval/test-set.ts";
import { concatenation } from "./concatenations.ts";
import type { Concatenation } from "./concatenations.ts";
import { uniform } from "./random.ts";

interface TalkShape {
  readonly seconds: number;
  /** What is said; the test set by default. */
  readonly utterances?: readonly Utterance[];
  /** Seconds of the shortest and of the longest pause. */
  readonly least?: number;
  readonly most?: number;
}

/** Steps of 16-bit audio: −60 dB of full scale as an amplitude. */
const NOISE = 33;

/** 16-bit audio as the samples of a file, in [-1, 1). */
export async function talk(seed: number, shape: TalkShape): Promise<Concatenation> {
  const { samples, clips } = await concatenation(seed, { least: 0.6, most: 1.6, ...shape });
  const next = uniform(seed + 1);
  for (let i = 0; i < samples.length; i++) {
    samples[i]! += Math.round(NOISE * (2 * next() - 1)) / 32_768;
  }
  return { samples, clips };
}

/** The talk as a faulty recorder gives it: what it adds to sample i, in steps of 16-bit audio. */
export function recorded(samples: Float32Array, added: (second: number) => number): Float32Array {
  return samples.map((value, i) => value + Math.round(added(i / MODEL_RATE)) / 32_768);
}

/** Limited to 16-bit audio. */
export function clipped(samples: Float32Array): Float32Array {
  return samples.map((value) => Math.min(32_767 / 32_768, Math.max(-1, value)));
}
