/**
 * The same values in another shape: archives keep a batch of one, separate heads, or list dimensions in reverse (in
 * GGUF the first varies fastest). The shape of our activation decides.
 */
import type { StageValues } from "./compare.ts";

/** The reference in our shape, or undefined where the shapes do not fit. */
export function alignTo(shape: readonly number[], reference: StageValues): StageValues | undefined {
  if (reference.shape.join() === shape.join()) return reference;
  const [wanted, given] = [withoutOnes(shape), withoutOnes(reference.shape)];
  const { values } = reference;
  if (size(wanted) !== size(given)) return undefined;
  if (wanted.join() === given.join()) return { shape, values };
  // Such as [T, heads, d] for [T, heads · d]: rows stay rows.
  if (wanted[0] === given[0] || shape[0] === reference.shape[0]) return { shape, values };
  if (wanted.length === 2 && wanted[0] === given[1] && wanted[1] === given[0]) {
    return { shape, values: transposed(values, given[0]!, given[1]!) };
  }
  return undefined;
}

/** Whether a reference of a shape may fit ours: both have as many values. */
export const canAlign = (ours: readonly number[], theirs: readonly number[]): boolean =>
  size(ours) === size(theirs);

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column]!;
    }
  }
  return result;
}

const withoutOnes = (shape: readonly number[]): number[] => shape.filter((length) => length !== 1);
const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
