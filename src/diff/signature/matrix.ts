/** Two activations as matrices, and how well a third explains the first. */
import type { StageValues } from "../compare.ts";

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** What is compared: ours, the reference's, and how close a hypothesis must come. */
export interface Pair {
  readonly ours: Matrix;
  readonly theirs: Matrix;
  /** Largest relative L2 of ours and a hypothesis that explains it. */
  readonly close: number;
}

/** A hypothesis in words, where it explains the difference. */
export type Hypothesis = (pair: Pair) => string | undefined;

/** Values that a hypothesis looks at: whole rows of an activation that has more. */
const most = 2 ** 20;

/** Rows of the last dimension; a vector is one column, since its values follow each other in time. */
export function matrixOf({ shape, values }: StageValues): Matrix {
  const long = shape.filter((size) => size !== 1);
  const columns = long.length < 2 ? (shape.length < 2 ? 1 : (shape.at(-1) ?? 1)) : long.at(-1)!;
  const rows = Math.max(1, Math.min(values.length / columns, Math.floor(most / columns)));
  return { rows, columns, values: values.subarray(0, rows * columns) };
}

/** A matrix with the values of a function of row and column. */
export function fill(
  { rows, columns }: Matrix,
  value: (row: number, column: number) => number,
): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) result[i] = value(row, column);
  }
  return result;
}

/** ‖a − b‖ / ‖a‖ of values from `from` to before `to`; 0 for equal ones. */
export function distance(a: ArrayLike<number>, b: (i: number) => number, from = 0, to = a.length): number {
  let difference = 0;
  let size = 0;
  for (let i = from; i < to; i++) {
    const x = a[i]!;
    difference += (x - b(i)) ** 2;
    size += x * x;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}

/** Is ours what the hypothesis says? */
export function explains({ ours, close }: Pair, hypothesis: (i: number) => number): boolean {
  return distance(ours.values, hypothesis) <= close;
}

/** The sub-matrix of some rows and columns. */
export function cut(
  { columns, values }: Matrix,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): Matrix {
  const part = { rows: bottom - top, columns: right - left, values: new Float32Array(0) };
  return { ...part, values: fill(part, (row, column) => values[(top + row) * columns + left + column]!) };
}

/** The sizes of equal blocks that a row may be divided into: heads, halves. */
export function blockSizes(columns: number): number[] {
  return [2, 3, 4, 6, 8, 12, 16, 20, 24, 32]
    .filter((n) => columns % n === 0 && columns > n)
    .map((n) => columns / n);
}

/** Four digits, or a whole number. */
export const short = (x: number): string =>
  Math.abs(x) >= 1000 ? x.toFixed(0) : String(Number(x.toPrecision(4)));
