/** Values that leave the networks are numbers: a NaN would become a text, a time or a score without a word. */
import { nonFinite } from "../errors.ts";

/** Throws `non_finite` unless all values [rows, width] are finite. `where` is their stage. */
export function checkFinite(where: string, values: Float32Array | Float64Array, width = 1): void {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) refuse(where, values, width, i);
}

/** The same of logarithms of probabilities, of which a probability of 0 has −∞. */
export function checkLogProbs(where: string, values: Float32Array, width: number): void {
  for (let i = 0; i < values.length; i++) if (!(values[i]! < Infinity)) refuse(where, values, width, i);
}

function refuse(where: string, values: Float32Array | Float64Array, width: number, at: number): never {
  const column = width === 1 ? "" : `, column ${at % width}`;
  throw nonFinite(where, `${values[at]} in row ${Math.floor(at / width)}${column}`);
}
