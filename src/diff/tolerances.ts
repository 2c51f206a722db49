/**
 * How far from the reference a stage may be, by the format of the model's weights. Float32 and bfloat16 are what
 * checkpoints hold: there the bound is the noise of float32 sums in another order. The others bound the error of
 * quantization, that of activations included, so that they separate a wrong model from a coarse one.
 */
import { bitsOf } from "../../kernels/formats/table.ts";
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

/** The bounds of formats with up to this many bits per weight. */
const byBits: readonly (readonly [bits: number, tolerances: Tolerances])[] = [
  [5, within(0.5, 0.2)],
  [6, within(0.3, 0.1)],
  [7, within(0.2, 0.06)],
  [9, within(0.1, 0.03)],
  [Infinity, within(1e-2, 1e-3)],
];

/** The bounds of a model with weights in this format. */
export function tolerancesOf(format: Format): Tolerances {
  if (format === "F32" || format === "BF16") return exact;
  return byBits.find(([bits]) => bitsOf(format) <= bits)![1];
}

export function isWithin(
  { relativeL2, worstRowCosine, nonFinite }: Comparison,
  tolerance: Tolerance,
): boolean {
  return nonFinite === 0 && relativeL2 <= tolerance.relativeL2 && worstRowCosine >= tolerance.cosine;
}
