/** Statistics of a block that quantizers derive its scale from. */

/** The value of largest magnitude, with its sign; the first one of equals. */
export function largest(values: Float32Array, start: number, count: number): number {
  let magnitude = 0;
  let value = 0;
  for (let i = start; i < start + count; i++) {
    const x = values[i] as number;
    const absolute = Math.abs(x);
    if (absolute > magnitude) {
      magnitude = absolute;
      value = x;
    }
  }
  return value;
}

export function minimum(values: Float32Array, start: number, count: number): number {
  let least = values[start] as number;
  for (let i = start + 1; i < start + count; i++) {
    const x = values[i] as number;
    if (x < least) least = x;
  }
  return least;
}

export function maximum(values: Float32Array, start: number, count: number): number {
  let most = values[start] as number;
  for (let i = start + 1; i < start + count; i++) {
    const x = values[i] as number;
    if (x > most) most = x;
  }
  return most;
}
