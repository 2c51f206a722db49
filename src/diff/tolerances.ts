/**
 * How far from the reference a stage may be, by the format of the model's weights. Float32 and bfloat16 are what
 * checkpoints hold: there the bound is the noise of float32 sums in another order. The others bound the error of
 * quantization, that of activations included, so that they separate a wrong model from a coarse one.
 */
import type { Format } from "../../kernels/formats/table.ts";
import type { Comparison } from "./compare.ts";

export interface Tolerance {
  /** Upper bound of {@link Comparison.relativeL2}. */
  readonly relativeL2: number;
  /** Lower bound of {@link Comparison.worstRowCosine}. */
  readonly cosine: number;
}

export interface Tolerances {
  /** Of a pass on its own, whose errors add up from layer to layer. */
  readonly raw: Tolerance;
  /** Of a stage that was computed from the reference's values. */
  readonly forced: Tolerance;
}

/** Both bounds from the relative L2: a row of small values may differ by ten times that angle. */
function within(raw: number, forced: number): Tolerances {
  const tolerance = (relativeL2: number): Tolerance => ({
    relativeL2,
    cosine: Math.max(0, 1 - (10 * relativeL2) ** 2 / 2),
  });
  return { raw: tolerance(raw), forced: tolerance(forced) };
}

const exact = within(1e-3, 5e-6);
const fourBits = within(0.5, 0.2);
const fiveBits = within(0.3, 0.1);

export const tolerances: Readonly<Record<Format, Tolerances>> = {
  F32: exact,
  BF16: exact,
  F16: within(1e-2, 1e-3),
  Q8_0: within(0.1, 0.03),
  Q6_K: within(0.2, 0.06),
  Q5_0: fiveBits,
  Q5_1: fiveBits,
  Q5_K: fiveBits,
  Q4_0: fourBits,
  Q4_1: fourBits,
  Q4_K: fourBits,
};

export function isWithin(
  { relativeL2, worstRowCosine, nonFinite }: Comparison,
  tolerance: Tolerance,
): boolean {
  return nonFinite === 0 && relativeL2 <= tolerance.relativeL2 && worstRowCosine >= tolerance.cosine;
}
