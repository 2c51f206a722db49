/**
 * How far apart two sound computations of a stage may be. The bound follows from what differs between them: nothing but
 * the order of sums, the rounding of products' inputs, or the weights. `npm run diff:honest` measures all of it.
 */
import { bitsOf } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { Comparison } from "./compare.ts";
import type { Differing } from "./differing.ts";

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
  /** The same of a stage whose weights or arithmetic differ; as `forced` by default. */
  readonly affected?: Tolerance | undefined;
  /** The same of the front end's stages; as `forced` by default. */
  readonly frontend?: Tolerance | undefined;
}

/** The largest relative L2 of a stage in each pass, at least twice as large as measured. */
interface Bound {
  readonly raw: number;
  readonly forced: number;
}

/**
 * Float32 sums in another order; a step of a float is 6e-8. The raw bound is far from the measured one, because models of
 * full size have ten times the layers; it stays below an error of 0.1 %.
 */
const sums: Bound = { raw: 5e-4, forced: 3e-6 }; // measured: 2.7e-5, 8e-7

/** The front end: logarithms of small sums, which PyTorch's FFT rounds in another way. */
const frontend = 1e-5; // 3.6e-6 measured

/**
 * One side rounds the inputs of products to 8 bits, the other does not. Where both round, a value near the middle of two steps
 * goes up on one side and down on the other, so that the raw pass is as far apart; the forced one is not.
 */
const rounding: Bound = { raw: 0.1, forced: 0.03 }; // measured: 2.7e-2, 1e-2

/**
 * Weights in formats with up to this many bits, the rounding of inputs included. In the tiny random models, the errors of 4 and
 * 5 bits grow to the size of the values themselves; in the demo model they stay below 0.2. Q6_K was not measured: its bound
 * lies between its neighbors'.
 */
const byBits: readonly (readonly [bits: number, bound: Bound])[] = [
  [5, { raw: 1.5, forced: 0.27 }], // measured: 0.73, 0.13
  [6, { raw: 1.1, forced: 0.15 }], // measured: 0.53, 7.4e-2
  [7, { raw: 0.3, forced: 0.08 }],
  [9, { raw: 0.15, forced: 0.03 }], // measured: 7e-2, 1.1e-2
  [Infinity, { raw: 1e-2, forced: 1e-3 }], // measured: 1e-3, 3.4e-4
];

/** Both bounds from the relative L2: a row of small values may differ by ten times that angle. */
function within(relativeL2: number): Tolerance {
  return { relativeL2, cosine: Math.max(-1, 1 - (10 * relativeL2) ** 2 / 2) };
}

export function tolerancesOf({
  weights,
  rounding: rounds,
  flips,
}: Pick<Differing, "weights" | "rounding" | "flips">): Tolerances {
  const bound = weights !== undefined ? ofFormat(weights) : rounds ? rounding : sums;
  return {
    raw: within(Math.max(bound.raw, flips ? rounding.raw : 0)),
    forced: within(sums.forced),
    affected: within(bound.forced),
    frontend: within(frontend),
  };
}

const ofFormat = (format: Format): Bound => byBits.find(([bits]) => bitsOf(format) <= bits)![1];

export function isWithin(
  { relativeL2, worstRowCosine, nonFinite }: Comparison,
  tolerance: Tolerance,
): boolean {
  return nonFinite === 0 && relativeL2 <= tolerance.relativeL2 && worstRowCosine >= tolerance.cosine;
}
