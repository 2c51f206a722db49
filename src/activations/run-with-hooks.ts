/**
 * What a forward pass can be fitted with: stages kept or handed on, values patched, parts ablated or scaled, an early
 * end. The pass itself knows one tap.
 */
import { globs } from "./stage-pattern.ts";
import { UsageError } from "../errors.ts";
import { inTurn, InterventionTap, Stopped, stopAfter } from "./interventions.ts";
import type { Interventions } from "./interventions.ts";
import { StageRecorder } from "./recorder.ts";
import type { RecorderOptions, Stage } from "./recorder.ts";
import type { StageInfo, Tap } from "../nn/hook-point.ts";
import type { TranscribeOptions, Transcription } from "../transcriber/types.ts";

export interface Instruments extends Interventions, RecorderOptions {
  /** Stages to keep, or to hand to `sink`, by name (`*` matches anything); none by default. */
  readonly capture?: readonly string[] | undefined;
  /** The stage behind which the pass ends. */
  readonly stopAfter?: string | undefined;
  /** Hears what is left after all of the above. */
  readonly tap?: Tap | undefined;
}

/** A transcription that is looked into and interfered with: one pass, however long the recording is. */
export type RunOptions = Omit<TranscribeOptions, "chunk"> & Instruments;

export interface Run {
  /** What was captured and not handed to `sink`, in the order of the forward pass. */
  readonly stages: ReadonlyMap<string, Stage>;
  /** Absent where the pass was stopped. */
  readonly transcription: Transcription | undefined;
}

export interface Instrumented<Result> {
  /** What was captured and not handed to `sink`, in the order of the forward pass. */
  readonly stages: ReadonlyMap<string, Stage>;
  /** Absent where the pass was stopped. */
  readonly result: Result | undefined;
}

/**
 * Runs `pass` with the instruments: interventions first, then capture, then the caller's tap. Throws `bad_option` for
 * stages that the model does not have or that the pass, unless it was stopped, never came to.
 */
export async function instrumented<Result>(
  known: readonly StageInfo[],
  options: Instruments,
  pass: (tap: Tap) => Promise<Result>,
): Promise<Instrumented<Result>> {
  const { capture = [], stopAfter: last, tap } = options;
  checkNames([...capture, ...(last === undefined ? [] : [last])], known);
  const interventions = new InterventionTap(options, known);
  const recorder = new StageRecorder(globs(capture), options);
  const heard = await stopped(() =>
    pass(
      inTurn([
        ...(interventions.idle ? [] : [interventions]),
        recorder,
        ...(tap === undefined ? [] : [tap]),
        ...(last === undefined ? [] : [stopAfter(last)]),
      ]),
    ),
  );
  await recorder.settle();
  const { untouched } = interventions;
  if (heard !== undefined && (untouched.length > 0 || last !== undefined)) {
    throw new UsageError("bad_option", "stage", untouched[0] ?? last ?? "", {
      wanted: "a stage that this pass comes to",
      remedy: "Stages of the CTC branch need it in the model, those of the language model the mode full",
    });
  }
  const stages = await recorder.stages();
  return { stages: new Map(stages.map((stage) => [stage.name, stage])), result: heard };
}

async function stopped<Result>(pass: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await pass();
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}

/** Every pattern must mean something. */
function checkNames(patterns: readonly string[], known: readonly StageInfo[]): void {
  for (const pattern of patterns) {
    const matches = globs([pattern]);
    if (known.some(({ name }) => matches(name))) continue;
    throw new UsageError("bad_option", "stage", pattern, {
      wanted: "one of the model's stages",
      remedy: "`stages` lists them",
    });
  }
}
