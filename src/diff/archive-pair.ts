/** Compares two archives with each other, stage by stage: two dumps, of which neither model need be at hand. */
import { globs } from "../activations/stage-pattern.ts";
import { parseStageName } from "../nn/stage-name.ts";
import { canAlign } from "./align.ts";
import type { StageReader } from "./archives/index.ts";
import type { DiffPass } from "./diff.ts";
import { differingOf } from "./differing.ts";
import { judge } from "./judge.ts";
import type { StageDifference } from "./judge.ts";
import { originOfArchive } from "./origin.ts";
import { tolerancesOf } from "./tolerances.ts";
import type { Tolerances } from "./tolerances.ts";

export interface ArchiveDiffOptions {
  /** Which of the stages, by pattern; all by default. */
  readonly stages?: readonly string[] | undefined;
  /** By default from what the archives state about their origin. */
  readonly tolerances?: Tolerances | undefined;
  /** Whether both have the same weights, where the archives do not state it. */
  readonly equalWeights?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ArchiveDiffReport {
  readonly ours: string;
  readonly reference: string;
  readonly raw: DiffPass;
  /** Needs a model. */
  readonly teacherForced?: undefined;
  /** Stages that only one of the two has. */
  readonly unmatched: readonly string[];
}

/**
 * Compares the stages that both archives have, in the order of the first. Errors add up, as in a raw pass. Values are read
 * where the shapes agree. Throws what reading throws; differences are results, not errors.
 */
export async function diffArchives(
  ours: StageReader,
  reference: StageReader,
  { stages: patterns = ["*"], tolerances, equalWeights, signal }: ArchiveDiffOptions = {},
): Promise<ArchiveDiffReport> {
  const wanted = globs(patterns);
  const asked = (reader: StageReader): string[] =>
    [...reader.stages.keys()].filter((name) => wanted(parseStageName(name).path));
  const common = asked(ours).filter((name) => reference.stages.has(name));
  const origins = [ours, reference].map(({ metadata }) => originOfArchive(metadata));
  const differing = differingOf(origins[0]!, origins[1]!, [], equalWeights);
  const { raw: tolerance } = tolerances ?? tolerancesOf(differing);
  const stages: StageDifference[] = [];
  for (const name of common) {
    signal?.throwIfAborted();
    const guessing = stages.every(({ problem }) => problem === undefined);
    const shape = ours.stages.get(name)!;
    const fits = canAlign(shape, reference.stages.get(name)!);
    const values = fits ? (await ours.read(name, signal)).values : new Float32Array(0);
    stages.push(
      await judge({ name, shape, values }, reference, { tolerance, guessing: guessing && fits, signal }),
    );
  }
  const firstDivergent = stages.find(({ problem }) => problem !== undefined)?.name;
  const known = new Set(common);
  const unmatched = [...new Set([...asked(ours), ...asked(reference)])].filter((name) => !known.has(name));
  return {
    ours: ours.source,
    reference: reference.source,
    raw: { tolerance, stages, firstDivergent },
    unmatched,
  };
}
