/** Hypotheses about other stages: one is missing, counted twice, or taken for this one. */
import type { StageValues } from "../compare.ts";
import { explains, matrixOf, short } from "./matrix.ts";
import type { Pair } from "./matrix.ts";

/** Whole factors first: a missing or doubled sum. */
const likely = [-1, 1, -0.5, 0.5, -2];

/** Stages of the reference that were computed before the compared one. */
export type Others = readonly (readonly [name: string, stage: StageValues])[];

export function isOtherStage(pair: Pair, others: Others): string | undefined {
  const { rows, columns } = pair.ours;
  for (const [name, stage] of others) {
    const other = matrixOf(stage);
    if (other.rows === rows && other.columns === columns && explains(pair, (i) => other.values[i]!))
      return `equals ${name}`;
  }
  return undefined;
}

export function withOtherStage(pair: Pair, others: Others): string | undefined {
  const { ours, theirs } = pair;
  let fitted: string | undefined;
  for (const [name, stage] of others) {
    const other = matrixOf(stage);
    if (other.rows !== ours.rows || other.columns !== ours.columns) continue;
    let [product, square] = [0, 0];
    for (const [i, x] of other.values.entries()) {
      product += (ours.values[i]! - theirs.values[i]!) * x;
      square += x * x;
    }
    const amount = product / square;
    if (!Number.isFinite(amount)) continue;
    if (!explains(pair, (i) => theirs.values[i]! + amount * other.values[i]!)) continue;
    const whole = likely.find((factor) => Math.abs(amount - factor) < 1e-3);
    if (whole === -1) return `equals the reference without ${name}, which is to be added`;
    if (whole === 1) return `equals the reference with ${name} added once too often`;
    fitted ??= `equals the reference plus ${short(amount)} times ${name}`;
  }
  return fitted;
}
