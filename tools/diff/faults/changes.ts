/** Changes of rows [T, D] and of matrices [out, in] that faults are made of. */
import type { StageValues } from "../../../src/diff/compare.ts";

/** Each value from a row and a column. */
export function rows(
  { shape, values }: StageValues,
  of: (
    at: (row: number, column: number) => number,
    row: number,
    column: number,
    size: { readonly rows: number; readonly columns: number },
  ) => number,
): Float32Array {
  const columns = shape.at(-1)!;
  const count = values.length / columns;
  const at = (row: number, column: number): number =>
    row < 0 || row >= count ? 0 : values[row * columns + column]!;
  return values.map((_, i) => of(at, Math.floor(i / columns), i % columns, { rows: count, columns }));
}

export const times =
  (factor: number) =>
  ({ values }: StageValues): Float32Array =>
    values.map((x) => factor * x);

/** Rows `by` later; the first repeat the first. */
export const later =
  (by: number) =>
  (stage: StageValues): Float32Array =>
    rows(stage, (at, row, column, size) => at(Math.min(size.rows - 1, Math.max(0, row - by)), column));

/** Blocks of columns in another order. */
export const blocks =
  (order: readonly number[]) =>
  (stage: StageValues): Float32Array =>
    rows(stage, (at, row, column, { columns }) => {
      const size = columns / order.length;
      return at(row, order[Math.floor(column / size)]! * size + (column % size));
    });

/** The sum of two stages, the second times a factor. */
export function plus(a: StageValues, b: StageValues, factor = 1): Float32Array {
  return a.values.map((x, i) => x + factor * b.values[i]!);
}

/** A square matrix transposed. */
export const transposed = (values: Float32Array): Float32Array => {
  const size = Math.sqrt(values.length);
  return values.map((_, i) => values[(i % size) * size + Math.floor(i / size)]!);
};

/** The rows of a matrix in another order, by blocks. */
export const rowBlocks =
  (order: readonly number[]) =>
  (values: Float32Array): Float32Array => {
    const size = values.length / order.length;
    return values.map((_, i) => values[order[Math.floor(i / size)]! * size + (i % size)]!);
  };

/** Kernels of an FSMN [D, 1, taps] one tap later. */
export const tapLater = (values: Float32Array, shape: readonly number[]): Float32Array => {
  const taps = shape.at(-1)!;
  return values.map((_, i) => (i % taps === 0 ? 0 : values[i - 1]!));
};

/** The nearest number with this many bits of mantissa less than a float's 23. */
export function roundedBits(values: Float32Array, dropped: number): Float32Array {
  const result = values.slice();
  const bits = new Uint32Array(result.buffer);
  const half = 2 ** (dropped - 1);
  for (const [i, word] of bits.entries())
    bits[i] = ((word + half - 1 + ((word >>> dropped) & 1)) & ~(2 ** dropped - 1)) >>> 0;
  return result;
}
