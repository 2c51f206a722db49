/**
 * Changes to a part of a stage: some frames, columns or heads. The rest stays as it was, bit for bit, so that replacing
 * a value with itself changes nothing.
 */
import { UsageError } from "../errors.ts";
import { attentionContext, concatColumns, concatRows, reshape, rows, tensor } from "../nn/ops.ts";
import * as ops from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";

/** [from, to): `to` is not included. */
type Range = readonly [from: number, to: number];

export interface Region {
  /** Rows, or the values of a stage that has no columns; all by default. */
  readonly frames?: Range | undefined;
  readonly columns?: Range | undefined;
  /** Attention heads, of a stage that has them. */
  readonly heads?: readonly number[] | undefined;
}

type Change = (part: Tensor) => Tensor;

/**
 * `x`, [T, D], [N] or [heads, T, S], with `change` applied to its region. `change` gets a matrix and returns one of the
 * same shape. `heads` is the number of heads. Throws `bad_option` for a region that is not in x.
 */
export function changeRegion(x: Tensor, region: Region, heads: number | undefined, change: Change): Tensor {
  if (x.shape.length === 1) return reshape(inMatrix(reshape(x, [x.size, 1]), region, change), x.shape);
  if (region.heads === undefined && x.shape.length === 2) return inMatrix(x, region, change);
  const count = heads ?? 0;
  const chosen = region.heads ?? Array.from({ length: count }, (_, h) => h);
  for (const head of chosen) demand(head < count, "heads", `${head}`, `0 to ${count - 1}`);
  if (x.shape.length === 2) {
    const width = x.shape[1]! / count;
    return chosen.reduce(
      (y, h) => inMatrix(y, { ...region, columns: [h * width, (h + 1) * width] }, change),
      x,
    );
  }
  const [, queries, positions] = x.shape as [number, number, number];
  const flat = reshape(x, [count * queries, positions]);
  if (region.heads === undefined && region.frames === undefined) {
    return reshape(inMatrix(flat, region, change), x.shape);
  }
  const parts = Array.from({ length: count }, (_, h) => {
    const part = rows(flat, h * queries, queries);
    return chosen.includes(h) ? inMatrix(part, region, change) : part;
  });
  return reshape(concatRows(...parts), x.shape);
}

function inMatrix(x: Tensor, { frames, columns }: Region, change: Change): Tensor {
  const [rowCount, columnCount] = x.shape as [number, number];
  const [top, bottom] = within(frames, rowCount, "frames");
  const [left, right] = within(columns, columnCount, "columns");
  if (bottom - top === rowCount && right - left === columnCount) return change(x);
  const middle = rows(x, top, bottom - top);
  const band = [
    ...(left > 0 ? [ops.columns(middle, 0, left)] : []),
    change(ops.columns(middle, left, right - left)),
    ...(right < columnCount ? [ops.columns(middle, right, columnCount - right)] : []),
  ];
  return concatRows(
    ...(top > 0 ? [rows(x, 0, top)] : []),
    concatColumns(...band),
    ...(bottom < rowCount ? [rows(x, bottom, rowCount - bottom)] : []),
  );
}

/** Each row replaced by the mean of all rows, as attention with equal weights gives it. */
export function meanOfRows(x: Tensor): Tensor {
  const count = x.shape[0]!;
  const equal = tensor(new Float32Array(count * count).fill(1 / count), [1, count, count]);
  return attentionContext(equal, x, 1); // [T, D]
}

function within(range: Range | undefined, length: number, what: string): Range {
  if (range === undefined) return [0, length];
  const [from, to] = range;
  const fits = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= length;
  demand(fits, what, `${from} to ${to}`, `a range within 0 to ${length}`);
  return range;
}

function demand(fits: boolean, what: string, found: string, wanted: string): void {
  if (!fits) throw new UsageError("bad_option", what, found, { wanted });
}
