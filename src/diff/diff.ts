/**
 * Compares a model with a reference, stage by stage, in two passes. Raw: the model runs on its own, and errors add up.
 * Teacher-forced: after every stage the pass continues with the reference's values, so that each stage is computed from
 * correct inputs and shows only its own error. The error of a stage that the reference does not have shows in the next
 * one that it has.
 */
import { tensor } from "../nn/ops.ts";
import type { Activation } from "../activations/recorder.ts";
import type { Hook } from "../nn/hook-point.ts";
import { FunAsrError } from "../errors.ts";
import { formatStageName, parseStageName } from "../nn/stage-name.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { ModelInfo, RunOptions, TranscribeInput } from "../transcriber/types.ts";
import { alignTo } from "./align.ts";
import type { StageReader } from "./archives/index.ts";
import type { StageValues } from "./compare.ts";
import { globs } from "../activations/stage-pattern.ts";
import { affectedNames, differingOf } from "./differing.ts";
import { originOfArchive, originOfModel } from "./origin.ts";
import { judge } from "./judge.ts";
import type { StageDifference } from "./judge.ts";
import { tolerancesOf } from "./tolerances.ts";
import type { Tolerance, Tolerances } from "./tolerances.ts";
import { checkValues } from "../options/check.ts";

export interface DiffOptions extends Omit<RunOptions, "capture" | "sink" | "steps" | "stopAfter" | "hook"> {
  /** Which of the reference's stages, by pattern; all by default. */
  readonly stages?: readonly string[] | undefined;
  /** Whether to run the second pass, which holds the reference's values in memory: true by default. */
  readonly teacherForced?: boolean | undefined;
  /** By default from what differs between the two: backends, formats of the weights, or neither. */
  readonly tolerances?: Tolerances | undefined;
  /** {@link fingerprint} of the model's weights; an archive with the same has the same weights. */
  readonly weights?: string | undefined;
  /** Whether both have the same weights, where the archive does not state it. */
  readonly equalWeights?: boolean | undefined;
}

export type { StageDifference } from "./judge.ts";

export interface DiffPass {
  readonly tolerance: Tolerance;
  /** Of stages whose weights or arithmetic differ, where that is another one. */
  readonly affectedTolerance?: Tolerance | undefined;
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
 * results, not errors, and so are values that are not finite.
 */
export async function diff(
  model: Transcriber,
  reference: StageReader,
  audio: TranscribeInput,
  options: DiffOptions = {},
): Promise<DiffReport> {
  const {
    stages: patterns = ["*"],
    teacherForced = true,
    tolerances,
    weights,
    equalWeights,
    ...rest
  } = options;
  checkValues({ stages: patterns, teacherForced }, ownOptions);
  const wanted = globs(patterns);
  const all = model.stages();
  const known = new Map(all.map((stage) => [stage.name, stage]));
  const asked = [...reference.stages.keys()].filter((name) => wanted(pathOf(name)));
  const names = asked.filter((name) => known.has(pathOf(name)));
  const run = { ...rest, maxNewTokens: rest.maxNewTokens ?? tokensOf(reference) };
  const ours = originOfModel(model.info, weights);
  const differing = differingOf(ours, originOfArchive(reference.metadata), all, equalWeights);
  const bounds = tolerances ?? tolerancesOf(differing);

  const raw = await comparePass(model, reference, audio, names, { tolerance: bounds.raw, addUp: true }, run);
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
        {
          addUp: false,
          tolerance: bounds.forced,
          frontend: bounds.frontend,
          affectedTolerance: bounds.affected,
          affected: affectedNames([...fitting], all, differing),
        },
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
  judgment: Judgment,
  options: RunOptions,
): Promise<DiffPass> {
  const values = await readAll(
    reference,
    names.filter((name) => fitting.has(name)),
  );
  const hook = teacher(values);
  const held = { ...reference, read: async (name: string) => values.get(name) ?? reference.read(name) };
  const maxNewTokens = names.some(isOfToken) ? options.maxNewTokens : 1;
  return comparePass(model, held, audio, names, judgment, { ...options, hook, maxNewTokens });
}

/** The bound of each stage of a pass. */
interface Judgment extends Pick<DiffPass, "tolerance" | "affectedTolerance"> {
  readonly frontend?: Tolerance | undefined;
  readonly affected?: ReadonlySet<string>;
  /** Whether errors are passed on, so that the first alone has a cause of its own. */
  readonly addUp: boolean;
}

async function comparePass(
  model: Transcriber,
  reference: StageReader,
  audio: TranscribeInput,
  names: readonly string[],
  { tolerance, affectedTolerance = tolerance, frontend = tolerance, affected = new Set(), addUp }: Judgment,
  options: RunOptions,
): Promise<DiffPass> {
  const present = new Set(names);
  const stages: StageDifference[] = [];
  const sink = async (stage: Activation): Promise<void> => {
    if (!present.has(stage.name)) return;
    const network = frontendStages.has(stage.name) ? frontend : tolerance;
    const bound = affected.has(stage.name) ? affectedTolerance : network;
    const guessing = !addUp || stages.every(({ problem }) => problem === undefined);
    stages.push(await judge(stage, reference, { tolerance: bound, guessing, signal: options.signal }));
  };
  const capture = [...new Set(names.map(pathOf))];
  const steps = names.some(isOfToken);
  try {
    if (capture.length > 0) await model.run(audio, { ...options, capture, steps, sink });
  } catch (error) {
    // A recognizer that refuses NaN ends the pass; the stage where they come from is what is looked for.
    const isExpected = stages.some(({ comparison }) => (comparison?.nonFinite ?? 0) > 0);
    if (!isExpected || !(error instanceof FunAsrError) || error.code !== "non_finite") throw error;
  }
  const firstDivergent = stages.find(({ problem }) => problem !== undefined)?.name;
  return { tolerance, ...(affected.size > 0 ? { affectedTolerance } : {}), stages, firstDivergent };
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

const frontendStages: ReadonlySet<string> = new Set(["samples", "fbank", "lfr", "cmvn"]);

const pathOf = (name: string): string => parseStageName(name).path;

const isOfToken = (name: string): boolean => parseStageName(name).token > 0;

/** The number of new tokens in the reference; one where it has only the pass over the prompt. */
function tokensOf(reference: StageReader): number {
  const counts = [...reference.stages].flatMap(([name, shape]) => {
    const { token } = parseStageName(name);
    if (token > 0) return [token + 1];
    return /\.(?:generated|step_logits)$/u.test(name) ? shape.slice(0, 1) : [];
  });
  return Math.max(1, ...counts);
}
