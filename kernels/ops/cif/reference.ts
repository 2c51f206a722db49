/** The definition of Cif: every step is rounded to float32 where PyTorch rounds it. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { CifAttrs } from "./index.ts";
import { integrate } from "./integrate.ts";

const { fround, floor } = Math;

export const cifReference: Reference<"hidden" | "alphas", CifAttrs> = (inputs, attrs, [y]) => {
  const hidden = floats(inputs, "hidden");
  const alphas = floats(inputs, "alphas");
  const size = inputs.hidden!.shape[1]!;
  const { peaks, frames } = integrate(alphas, attrs.recipe);
  const fired = frames.slice(0, attrs.tokens);
  const fill = attrs.recipe === "prefix" ? fillByPrefixSums : fillInALoop;
  for (let d = 0; d < size; d++) {
    const column = (t: number): number => hidden[t * size + d] ?? 0;
    for (const [k, vector] of fill(alphas, peaks, fired, column).entries()) y![k * size + d] = vector;
  }
};

type Fill = (
  alphas: Float32Array,
  peaks: Float32Array,
  fired: readonly number[],
  hidden: (t: number) => number,
) => number[];

/** e_k = S(t_k) − S(t_{k−1}) + R_{k−1} − R_k: prefix sums S of α·h, less the rest R that belongs to the next. */
const fillByPrefixSums: Fill = (alphas, peaks, fired, hidden) => {
  let sum = 0; // float64, as torch.cumsum on a CPU
  let t = 0;
  let before = 0;
  let restBefore = 0;
  return fired.map((frame) => {
    for (; t <= frame; t++) sum += fround(alphas[t]! * hidden(t));
    const prefix = fround(sum);
    const rest = fround((peaks[frame]! - floor(peaks[frame]!)) * hidden(frame));
    const vector = fround(fround(fround(prefix - before) + restBefore) - rest);
    before = prefix;
    restBefore = rest;
    return vector;
  });
};

/** The frame that fires completes the weight to one; the rest of its alpha starts the next vector. */
const fillInALoop: Fill = (alphas, peaks, fired, hidden) => {
  let partial = 0;
  let t = 0;
  return fired.map((frame) => {
    for (; t < frame; t++) partial = fround(partial + fround(alphas[t]! * hidden(t)));
    const missing = fround(1 - integralBefore(peaks, frame));
    const vector = fround(partial + fround(missing * hidden(frame)));
    partial = fround(fround(alphas[frame]! - missing) * hidden(frame));
    t = frame + 1;
    return vector;
  });
};

function integralBefore(peaks: Float32Array, t: number): number {
  const before = t === 0 ? 0 : peaks[t - 1]!;
  return before < 1 ? before : fround(before - 1);
}
