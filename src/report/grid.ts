/** Matrices reduced to the size of a picture. */

/** A matrix [rows, cols]. */
export interface Grid {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

/** How the values under one pixel are combined: `max` keeps peaks, `mean` the texture. */
export type Pooling = "mean" | "max";

/** Reduces to at most `maxRows` by `maxCols`. Non-finite values are left out; a pixel of nothing else is NaN. */
export function shrink(grid: Grid, maxRows: number, maxCols: number, pooling: Pooling): Grid {
  const rows = Math.min(grid.rows, maxRows);
  const cols = Math.min(grid.cols, maxCols);
  if (rows === grid.rows && cols === grid.cols) return grid;
  const values = new Float32Array(rows * cols);
  const edge = (i: number, count: number, total: number): number => Math.floor((i * total) / count);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const [top, bottom] = [edge(row, rows, grid.rows), edge(row + 1, rows, grid.rows)];
      const [left, right] = [edge(col, cols, grid.cols), edge(col + 1, cols, grid.cols)];
      values[row * cols + col] = pool(grid, { top, bottom, left, right }, pooling);
    }
  }
  return { rows, cols, values };
}

interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

function pool({ values, cols }: Grid, { top, bottom, left, right }: Box, pooling: Pooling): number {
  let sum = 0;
  let most = -Infinity;
  let count = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const value = values[y * cols + x]!;
      if (!Number.isFinite(value)) continue;
      sum += value;
      most = Math.max(most, value);
      count++;
    }
  }
  if (count === 0) return NaN;
  return pooling === "mean" ? sum / count : most;
}

/** Columns as rows. */
export function transpose({ rows, cols, values }: Grid): Grid {
  const turned = new Float32Array(values.length);
  for (let y = 0; y < rows; y++) for (let x = 0; x < cols; x++) turned[x * rows + y] = values[y * cols + x]!;
  return { rows: cols, cols: rows, values: turned };
}

/** Reverses the rows: pictures begin at the top, axes at the bottom. */
export function flip({ rows, cols, values }: Grid): Grid {
  const turned = new Float32Array(values.length);
  for (let y = 0; y < rows; y++) turned.set(values.subarray(y * cols, (y + 1) * cols), (rows - 1 - y) * cols);
  return { rows, cols, values: turned };
}

/** Quantiles of the finite values, from a sample of at most 100,000. */
export function quantiles(values: Float32Array, shares: readonly number[]): number[] {
  const step = Math.max(1, Math.ceil(values.length / 100_000));
  const sample = values.filter((value, i) => i % step === 0 && Number.isFinite(value)).toSorted();
  return shares.map((share) => sample[Math.round(share * (sample.length - 1))] ?? 0);
}
