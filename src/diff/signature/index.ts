/**
 * A guess at the cause of a difference, where the error has a signature: what has to be done to the reference to get ours.
 * Hypotheses are tried from the one with the fewest free numbers on, and one holds if it explains the difference.
 */
import type { StageValues } from "../compare.ts";
import * as lines from "./lines.ts";
import { cut, distance, matrixOf } from "./matrix.ts";
import type { Hypothesis, Matrix, Pair } from "./matrix.ts";
import * as order from "./order.ts";
import { isOtherStage, withOtherStage } from "./other-stages.ts";
import type { Others } from "./other-stages.ts";
import * as values from "./values.ts";

const plain: readonly Hypothesis[] = [
  values.nonFinite,
  values.zero,
  values.rounded,
  values.missingFunction,
  lines.missingSoftmax,
];

const exact: readonly Hypothesis[] = [
  values.factor,
  values.offset,
  values.clamped,
  order.shiftedRows,
  order.reordered,
  order.shiftedColumns,
  order.reorderedBlocks,
];

const fitted: readonly Hypothesis[] = [
  values.affine,
  lines.rowOffsets,
  lines.columnOffsets,
  lines.rowFactors,
  lines.columnFactors,
  order.rotated,
  lines.rowFits,
  lines.columnFits,
  order.permuted,
];

/**
 * In words, such as "equals the reference times 1.414 (√2)"; undefined where nothing is known that explains it. `bound` is the
 * largest relative L2 of sound computations; `others` are stages that were computed before.
 */
export function guess(
  ours: StageValues,
  theirs: StageValues,
  bound: number,
  others: Others = [],
): string | undefined {
  const [a, b] = [matrixOf(ours), matrixOf(theirs)];
  if (a.values.length !== b.values.length || a.columns !== b.columns) {
    return a.columns === b.columns
      ? order.shiftedRows({ ours: a, theirs: b, close: Math.max(bound, 1e-4) })
      : undefined;
  }
  const error = distance(b.values, (i) => a.values[i]!);
  const pair: Pair = {
    ours: a,
    theirs: b,
    close: Math.min(error / 4, Math.max(bound, Math.min(1, error) / 50)),
  };
  return (
    firstOf(plain, pair) ??
    isOtherStage(pair, others) ??
    firstOf(exact, pair) ??
    withOtherStage(pair, others) ??
    inPart(pair) ??
    firstOf(fitted, pair)
  );
}

const firstOf = (hypotheses: readonly Hypothesis[], pair: Pair): string | undefined =>
  hypotheses.reduce<string | undefined>((found, hypothesis) => found ?? hypothesis(pair), undefined);

/** Only some rows, or some columns, differ; what is there may have a signature of its own. */
function inPart(pair: Pair): string | undefined {
  const { ours, theirs, close } = pair;
  const { rows, columns } = ours;
  for (const [words, count, part] of [
    ["frames", rows, (m: Matrix, from: number, to: number): Matrix => cut(m, [from, to], [0, columns])],
    ["columns", columns, (m: Matrix, from: number, to: number): Matrix => cut(m, [0, rows], [from, to])],
  ] as const) {
    const apart = Array.from({ length: count }, (_, i) => i).filter((i) => {
      const [a, b] = [part(ours, i, i + 1), part(theirs, i, i + 1)];
      return !(distance(a.values, (k) => b.values[k]!) <= close);
    });
    const [from, to] = [apart[0] ?? 0, (apart.at(-1) ?? -1) + 1];
    if (apart.length === 0 || apart.length !== to - from || to - from > count / 2) continue;
    const place = placeOf(words, from, to, count);
    const inner: Pair = { ours: part(ours, from, to), theirs: part(theirs, from, to), close };
    const what = firstOf([...plain, ...exact, values.affine], inner);
    return what === undefined ? `differs in ${place} only` : `differs in ${place} only, where it ${what}`;
  }
  return undefined;
}

function placeOf(words: "frames" | "columns", from: number, to: number, count: number): string {
  const one = words.slice(0, -1);
  if (from === 0) return to === 1 ? `the first ${one}` : `the first ${to} ${words}`;
  if (to === count) return to - from === 1 ? `the last ${one}` : `the last ${to - from} ${words}`;
  return to - from === 1 ? `${one} ${from}` : `${words} ${from} to ${to - 1}`;
}
