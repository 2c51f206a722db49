/** Synthetic stages of a run, and archives of them in memory. */
import type { StageValues } from "../../../src/diff/compare.ts";
import type { StageReader } from "../../../src/diff/archives/index.ts";
import { uniform } from "./random.ts";

/** Random values, those of a softmax for `probabilities`. */
export function stage(seed: number, ...shape: number[]): StageValues {
  const next = uniform(seed);
  const length = shape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length }, () => next() * 2 - 1);
  return { shape, values };
}

export function softmax({ shape, values }: StageValues): StageValues {
  const cols = shape.at(-1)!;
  const weights = values.map((x) => Math.exp(4 * x));
  for (let start = 0; start < weights.length; start += cols) {
    const row = weights.subarray(start, start + cols);
    const sum = row.reduce((sum, x) => sum + x, 0);
    row.set(row.map((weight) => weight / sum));
  }
  return { shape, values: weights };
}

/** An archive in memory. */
export function archiveOf(stages: readonly (readonly [string, StageValues])[]): StageReader {
  const byName = new Map(stages);
  return {
    source: "memory",
    format: "npz",
    metadata: new Map(),
    stages: new Map(stages.map(([name, { shape }]) => [name, shape])),
    read: async (name) => byName.get(name)!,
    [Symbol.asyncDispose]: async () => {},
  };
}

export const frames = 20;

export const head = softmax(stage(3, 2, frames, frames));

const logits = stage(4, frames, 6);

/** Frames 5 to 9 have label 2, 12 to 14 label 4, all others the blank 0. */
const spoken = (frame: number): number => (frame >= 5 && frame < 10 ? 2 : frame >= 12 && frame < 15 ? 4 : 0);

const logProbs = {
  shape: logits.shape,
  values: logits.values.map((_, i) => Math.log(i % 6 === spoken(Math.floor(i / 6)) ? 0.95 : 0.01)),
};

export const stages: [string, StageValues][] = [
  ["fbank", stage(1, 118, 80)],
  ["lfr", stage(2, frames, 560)],
  ["audio_encoder.encoders.0.self_attn.probabilities", head],
  ["audio_encoder.after_norm", stage(5, frames, 32)],
  ["ctc.log_probs", logProbs],
  ["audio_adaptor.blocks.0.self_attn.probabilities", head],
  ["audio_adaptor", stage(6, frames, 48)],
];
