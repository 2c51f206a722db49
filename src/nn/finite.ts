/** Values that leave the networks are numbers: a NaN would become a text, a time or a score without a word. */
import { nonFinite } from "../errors.ts";

/** Throws `non_finite` unless all values [rows, width] are finite. `where` is their stage. */
export function checkFinite(where: string, values: Float32Array | Float64Array, width = 1): void {
  let sum = 0; // NaN as soon as one value is not finite
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    sum += value - value;
  }
  if (Number.isNaN(sum)) refuse(where, values, width, (value) => !Number.isFinite(value));
}

/** The same of logarithms of probabilities, of which a probability of 0 has −∞. */
export function checkLogProbs(where: string, values: Float32Array, width: number): void {
  let sum = 0; // NaN or +∞ as soon as one value is
  for (let i = 0; i < values.length; i++) sum += Math.max(values[i]!, 0);
  if (!Number.isFinite(sum)) refuse(where, values, width, (value) => !(value < Infinity));
}

function refuse(
  where: string,
  values: Float32Array | Float64Array,
  width: number,
  isWrong: (value: number) => boolean,
): never {
  let at = 0;
  while (!isWrong(values[at]!)) at++;
  const column = width === 1 ? "" : `, column ${at % width}`;
  throw nonFinite(where, `${values[at]} in row ${Math.floor(at / width)}${column}`);
}
