/**
 * Compares a model with a reference, stage by stage, in two passes. Raw: the model runs on its own, and errors add up.
 * Teacher-forced: after every stage the pass continues with the reference's values, so that each stage is computed from
 * correct inputs and shows only its own error. The error of a stage that the reference does not have shows in the next
 * one that it has.
 */
import { tensor } from "../nn/ops.ts";
import type { Activation } from "../activations/recorder.ts";
import type { Hook } from "../nn/hook-point.ts";
import { formatStageName, parseStageName } from "../nn/stage-name.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { ModelInfo, RunOptions, TranscribeInput } from "../transcriber/types.ts";
import { alignTo, canAlign } from "./align.ts";
import type { StageReader } from "./archives/index.ts";
import { compare } from "./compare.ts";
import type { Comparison, StageValues } from "./compare.ts";
import { globs } from "../activations/stage-pattern.ts";
import { isWithin, tolerancesOf } from "./tolerances.ts";
import type { Tolerance, Tolerances } from "./tolerances.ts";
import { checkValues } from "../options/check.ts";

export interface DiffOptions extends Omit<RunOptions, "capture" | "sink" | "steps" | "stopAfter" | "hook"> {
  /** Which of the reference's stages, by pattern; all by default. */
  readonly stages?: readonly string[] | undefined;
  /** Whether to run the second pass, which holds the reference's values in memory: true by default. */
  readonly teacherForced?: boolean | undefined;
  /** By default those for the format of the model's weights. */
  readonly tolerances?: Tolerances | undefined;
}

export interface StageDifference {
  readonly name: string;
  /** Absent where the two have different shapes. */
  readonly comparison: Comparison | undefined;
  /** The difference beyond the tolerance, if there is one. */
  readonly problem: string | undefined;
}

export interface DiffPass {
  readonly tolerance: Tolerance;
  /** In the order of the forward pass. */
  readonly stages: readonly StageDifference[];
  /** The first stage that is not within the tolerance. */
  readonly firstDivergent: string | undefined;
}

export interface DiffReport {
  readonly reference: string;
  readonly model: ModelInfo;
  readonly raw: DiffPass;
  readonly teacherForced: DiffPass | undefined;
  /** Stages of the reference that the model does not have, or that the pass did not reach. */
  readonly unmatched: readonly string[];
}

const ownOptions = {
  stages: { value: { kind: "texts" }, help: "" },
  teacherForced: { value: { kind: "boolean" }, help: "" },
} as const;

/**
 * Compares the stages that both have. Throws what running the model or reading the archive throws; differences are
 * results, not errors.
 */
export async function diff(
  model: Transcriber,
  reference: StageReader,
  audio: TranscribeInput,
  options: DiffOptions = {},
): Promise<DiffReport> {
  const { stages: patterns = ["*"], teacherForced = true, tolerances, ...rest } = options;
  checkValues({ stages: patterns, teacherForced }, ownOptions);
  const wanted = globs(patterns);
  const known = new Map(model.stages().map((stage) => [stage.name, stage]));
  const asked = [...reference.stages.keys()].filter((name) => wanted(pathOf(name)));
  const names = asked.filter((name) => known.has(pathOf(name)));
  const run = { ...rest, maxNewTokens: rest.maxNewTokens ?? tokensOf(reference) };
  const bounds = tolerances ?? tolerancesOf(model.info.weightFormat);

  const raw = await comparePass(model, reference, audio, names, bounds.raw, run);
  const fitting = new Set(
    raw.stages.filter(({ comparison }) => comparison !== undefined).map(({ name }) => name),
  );
  const forced = teacherForced
    ? await forcedPass(
        model,
        reference,
        audio,
        names.filter((name) => known.get(name)?.gathered !== true),
        fitting,
        bounds.forced,
        run,
      )
    : undefined;
  const seen = new Set(raw.stages.map(({ name }) => name));
  return {
    reference: reference.source,
    model: model.info,
    raw,
    teacherForced: forced,
    unmatched: asked.filter((name) => !seen.has(name)),
  };
}

/**
 * Without stages that are collected over generation steps: their inputs are the model's own. Only the values of stages of
 * fitting shapes are read.
 */
async function forcedPass(
  model: Transcriber,
  reference: StageReader,
  audio: TranscribeInput,
  names: readonly string[],
  fitting: ReadonlySet<string>,
  tolerance: Tolerance,
  options: RunOptions,
): Promise<DiffPass> {
  const hook = teacher(
    await readAll(
      reference,
      names.filter((name) => fitting.has(name)),
    ),
  );
  const maxNewTokens = names.some(isOfToken) ? options.maxNewTokens : 1;
  return comparePass(model, reference, audio, names, tolerance, { ...options, hook, maxNewTokens });
}

async function comparePass(
  model: Transcriber,
  reference: StageReader,
  audio: TranscribeInput,
  names: readonly string[],
  tolerance: Tolerance,
  options: RunOptions,
): Promise<DiffPass> {
  const present = new Set(names);
  const stages: StageDifference[] = [];
  const sink = async (stage: Activation): Promise<void> => {
    if (!present.has(stage.name)) return;
    stages.push(await judge(stage, reference, tolerance, options.signal));
  };
  const capture = [...new Set(names.map(pathOf))];
  const steps = names.some(isOfToken);
  if (capture.length > 0) await model.run(audio, { ...options, capture, steps, sink });
  return { tolerance, stages, firstDivergent: stages.find(({ problem }) => problem !== undefined)?.name };
}

/** Reads the reference's values only where their shape fits: a wrong one may claim gigabytes. */
async function judge(
  ours: Activation,
  reference: StageReader,
  tolerance: Tolerance,
  signal: AbortSignal | undefined,
): Promise<StageDifference> {
  const { name } = ours;
  const shape = reference.stages.get(name)!;
  const theirs = canAlign(ours.shape, shape)
    ? alignTo(ours.shape, await reference.read(name, signal))
    : undefined;
  if (theirs === undefined) {
    const problem = `shape [${ours.shape.join(", ")}], the reference's is [${shape.join(", ")}]`;
    return { name, comparison: undefined, problem };
  }
  const comparison = compare(name, ours, theirs);
  return { name, comparison, problem: problemOf(comparison, tolerance) };
}

function problemOf(comparison: Comparison, tolerance: Tolerance): string | undefined {
  if (isWithin(comparison, tolerance)) return undefined;
  const { nonFinite, relativeL2, worstRowCosine, worstRow } = comparison;
  if (nonFinite > 0) return `${nonFinite} NaN or infinite values`;
  if (relativeL2 > tolerance.relativeL2) return `relative L2 ${relativeL2.toExponential(2)}`;
  return `cosine ${worstRowCosine.toFixed(6)} in row ${worstRow}`;
}

/** A hook that replaces each stage's value by the reference's, in the audio and the prompt. */
function teacher(values: ReadonlyMap<string, StageValues>): Hook {
  return {
    wants: (path, token) => values.has(formatStageName({ path, token })),
    onTensor: (path, value, token) => {
      const theirs = alignTo(value.shape, values.get(formatStageName({ path, token }))!);
      return theirs === undefined ? undefined : tensor(theirs.values, value.shape);
    },
  };
}

async function readAll(reference: StageReader, names: readonly string[]): Promise<Map<string, StageValues>> {
  const values = new Map<string, StageValues>();
  for (const name of names) values.set(name, await reference.read(name));
  return values;
}

const pathOf = (name: string): string => parseStageName(name).path;

const isOfToken = (name: string): boolean => parseStageName(name).token > 0;

/** The number of new tokens in the reference; one where it has only the pass over the prompt. */
function tokensOf(reference: StageReader): number {
  const counts = [...reference.stages].map(([name, shape]) => {
    const { token } = parseStageName(name);
    if (token > 0) return token + 1;
    return /\.(?:generated|step_logits)$/u.test(name) ? (shape[0] ?? 1) : 1;
  });
  return Math.max(1, ...counts);
}
