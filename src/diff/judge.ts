/** One stage of a comparison: its distance, whether that is too much, and a guess at the cause. */
import { alignTo, canAlign } from "./align.ts";
import type { StageReader } from "./archives/index.ts";
import { compare } from "./compare.ts";
import type { Comparison, StageValues } from "./compare.ts";
import { guess } from "./signature/index.ts";
import { isWithin } from "./tolerances.ts";
import type { Tolerance } from "./tolerances.ts";

export interface StageDifference {
  readonly name: string;
  /** Absent where the two have different shapes. */
  readonly comparison: Comparison | undefined;
  /** The difference beyond the tolerance, if there is one. */
  readonly problem: string | undefined;
  /** What has to be done to the reference to get ours, where the difference has such a signature. */
  readonly guess?: string | undefined;
}

interface Named extends StageValues {
  readonly name: string;
}

/** Stages of the same shape, before this one, that a guess looks at. */
const mostOthers = 48;

/** Reads the reference's values only where their shape fits: a wrong one may claim gigabytes. */
export async function judge(
  ours: Named,
  reference: StageReader,
  {
    tolerance,
    guessing,
    signal,
  }: { tolerance: Tolerance; guessing: boolean; signal: AbortSignal | undefined },
): Promise<StageDifference> {
  const { name } = ours;
  const shape = reference.stages.get(name)!;
  const theirs = canAlign(ours.shape, shape)
    ? alignTo(ours.shape, await reference.read(name, signal))
    : undefined;
  if (theirs === undefined) {
    const problem = `shape [${ours.shape.join(", ")}], the reference's is [${shape.join(", ")}]`;
    const lengths = guessing && haveEqualRows(ours.shape, shape);
    const cause = lengths ? guess(ours, await reference.read(name, signal), tolerance.relativeL2) : undefined;
    return withGuess({ name, comparison: undefined, problem }, cause);
  }
  const comparison = compare(name, ours, theirs);
  const problem = problemOf(comparison, tolerance);
  if (problem === undefined || !guessing) return { name, comparison, problem };
  const others = await othersBefore(name, ours.shape, reference, signal);
  return withGuess({ name, comparison, problem }, guess(ours, theirs, tolerance.relativeL2, others));
}

const withGuess = (stage: StageDifference, cause: string | undefined): StageDifference =>
  cause === undefined ? stage : { ...stage, guess: cause };

/** One sequence is a little longer: its values are no more than a little more. */
function haveEqualRows(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length || a.length > 2) return false;
  const [rows, others] = [a[0] ?? 0, b[0] ?? 0];
  return a.slice(1).join() === b.slice(1).join() && Math.abs(rows - others) <= 8 + rows / 4;
}

async function othersBefore(
  name: string,
  shape: readonly number[],
  reference: StageReader,
  signal: AbortSignal | undefined,
): Promise<(readonly [string, StageValues])[]> {
  const names = [...reference.stages.keys()];
  const before = names
    .slice(0, names.indexOf(name))
    .filter((other) => reference.stages.get(other)!.join() === shape.join());
  const read = before.slice(-mostOthers).toReversed();
  return Promise.all(read.map(async (other) => [other, await reference.read(other, signal)] as const));
}

function problemOf(comparison: Comparison, tolerance: Tolerance): string | undefined {
  if (isWithin(comparison, tolerance)) return undefined;
  const { nonFinite, relativeL2, worstRowCosine, worstRow } = comparison;
  if (nonFinite > 0) return `${nonFinite} NaN or infinite values`;
  if (relativeL2 > tolerance.relativeL2) return `relative L2 ${relativeL2.toExponential(2)}`;
  return `cosine ${worstRowCosine.toFixed(6)} in row ${worstRow}`;
}
