/**
 * A forward pass with everything that hooks can do: capture stages, patch values, ablate or scale parts, stop early. The
 * pass itself knows one hook.
 */
import { checkedHook, checkInterventions } from "./checked.ts";
import { globs } from "./stage-pattern.ts";
import { UsageError } from "../errors.ts";
import { chainHooks, InterventionHook, Stopped, stopAfter } from "./interventions.ts";
import type { Interventions } from "./interventions.ts";
import { StageRecorder } from "./recorder.ts";
import { unknownStage } from "./unknown-stage.ts";
import type { RecorderOptions, Activation } from "./recorder.ts";
import type { StageInfo, Hook } from "../nn/hook-point.ts";

export interface HookOptions extends Interventions, RecorderOptions {
  /** Stages to keep, or to pass to `sink`, by name (`*` matches anything); none by default. */
  readonly capture?: readonly string[] | undefined;
  /** The stage after which the pass ends. */
  readonly stopAfter?: string | undefined;
  /**
   * Gets the stages that it wants, with the values that the forward pass continues with (patched, ablated or scaled), and
   * may replace them.
   */
  readonly hook?: Hook | undefined;
}

interface HookedRun<Result> {
  /** What was captured and not passed to `sink`, in the order of the forward pass. */
  readonly stages: ReadonlyMap<string, Activation>;
  /** Absent where the pass was stopped. */
  readonly result: Result | undefined;
}

/**
 * Runs `pass` with one hook for all: interventions first, then capture, then the caller's hook. Throws `bad_option` for
 * stages that the model does not have or that the pass, unless it was stopped, did not reach.
 */
export async function runWithHooks<Result>(
  known: readonly StageInfo[],
  options: HookOptions,
  pass: (hook: Hook) => Promise<Result>,
): Promise<HookedRun<Result>> {
  const { capture = [], stopAfter: last, hook } = options;
  checkNames([...capture, ...(last === undefined ? [] : [last])], known);
  checkInterventions(options);
  const interventions = new InterventionHook(options, known);
  const recorder = new StageRecorder(globs(capture), options);
  const result = await stopped(() =>
    pass(
      chainHooks([
        ...(interventions.idle ? [] : [interventions]),
        recorder,
        ...(hook === undefined ? [] : [checkedHook(hook)]),
        ...(last === undefined ? [] : [stopAfter(last)]),
      ]),
    ),
  );
  await recorder.flush();
  const { untouched } = interventions;
  if (result !== undefined && (untouched.length > 0 || last !== undefined)) {
    throw new UsageError("bad_option", "stage", untouched[0] ?? last ?? "", {
      wanted: "a stage that this pass reaches",
      remedy: "Stages of the CTC branch need it in the model, those of the language model the decoder llm",
    });
  }
  const stages = await recorder.stages();
  return { stages: new Map(stages.map((stage) => [stage.name, stage])), result };
}

async function stopped<Result>(pass: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await pass();
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}

/** Throws `bad_option` for a pattern that matches no stage. */
export function checkNames(patterns: readonly string[], known: readonly StageInfo[]): void {
  for (const pattern of patterns) {
    const matches = globs([pattern]);
    if (known.some(({ name }) => matches(name))) continue;
    throw unknownStage(pattern, known);
  }
}
