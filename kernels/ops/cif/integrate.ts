/**
 * Where integrate-and-fire fires, from the alphas alone. Bit for bit what PyTorch computes on a CPU, in two ways:
 * `prefix` (FunASR's cif_wo_hidden_v1) floors prefix sums that are added up in float64; `loop` (cif_wo_hidden) adds
 * and subtracts in float32.
 */

export type Recipe = "prefix" | "loop";

interface Firing {
  /** The integral at each frame, after its alpha is added and before a fire subtracts 1: 1 or more where it fires. */
  readonly peaks: Float32Array;
  /** The frames that fire, in order. */
  readonly frames: readonly number[];
}

export function integrate(alphas: Float32Array, recipe: Recipe): Firing {
  return recipe === "prefix" ? byPrefixSums(alphas) : inALoop(alphas);
}

/** What makes the alphas' sum a number of tokens: its whole part where a tail is added to it, else the nearest number. */
export type Counting = "floor" | "round";

/** The number of tokens. "round" may count one more than there are vectors that fire; it counts to the even of two. */
export function tokenNumber(alphas: Float32Array, counting: Counting = "floor"): number {
  let sum = 0;
  for (const alpha of alphas) sum += alpha;
  const total = Math.fround(sum);
  const whole = Math.floor(total);
  if (counting === "floor") return whole;
  const rest = total - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
}

function byPrefixSums(alphas: Float32Array): Firing {
  const peaks = new Float32Array(alphas.length);
  const frames: number[] = [];
  let sum = 0;
  let whole = 0;
  for (const [t, alpha] of alphas.entries()) {
    sum += alpha;
    const prefix = Math.fround(sum);
    const fires = Math.floor(prefix) > whole;
    whole = Math.floor(prefix);
    if (fires) frames.push(t);
    peaks[t] = Math.fround(Math.fround((fires ? 1 : 0) + prefix) - whole);
  }
  return { peaks, frames };
}

function inALoop(alphas: Float32Array): Firing {
  const peaks = new Float32Array(alphas.length);
  const frames: number[] = [];
  let integral = 0;
  for (const [t, alpha] of alphas.entries()) {
    integral = Math.fround(integral + alpha);
    peaks[t] = integral;
    if (integral < 1) continue;
    frames.push(t);
    integral = Math.fround(integral - 1);
  }
  return { peaks, frames };
}
