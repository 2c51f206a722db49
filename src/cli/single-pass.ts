/** What the commands share that run the model once over a recording to look at its activations. */
import type { BackendChoice } from "../nn/placement.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { TranscribeOptions } from "../longform/options.ts";
import type { CommandRun, LongWork } from "./context.ts";
import { optionsOf } from "./flags/flag.ts";
import type { FlagValues } from "./flags/flag.ts";
import {
  contextFlag,
  featureFlags,
  hotwordsFlag,
  itnFlag,
  languageFlag,
  maxTokensFlag,
} from "./flags/shared.ts";
import type { singlePassFlags } from "./flags/shared.ts";
import { loadModel } from "./load-model.ts";
import type { ModelFlags } from "./load-model.ts";

type SinglePassFlags = FlagValues<typeof singlePassFlags>;

export interface SinglePass extends Pick<CommandRun, "screen"> {
  readonly options: TranscribeOptions & LongWork;
  /** Loads the model of the flags, or another one, on their backend or on another one. */
  load(change?: {
    readonly model?: ModelFlags;
    readonly backend?: BackendChoice | undefined;
  }): Promise<Transcriber>;
}

const recognitionFlags = {
  ...languageFlag,
  ...contextFlag,
  ...hotwordsFlag,
  ...itnFlag,
  ...maxTokensFlag,
  ...featureFlags,
};

/** The options of the pass that the flags describe, with interrupt and progress. */
export function startSinglePass(run: CommandRun, flags: SinglePassFlags): SinglePass {
  const work = run.start({ progress: flags.print });
  const { amMvn, threads } = flags;
  return {
    screen: run.screen,
    options: { ...(optionsOf(recognitionFlags, flags) as TranscribeOptions), ...work },
    load: ({ model = flags, backend = flags.backend } = {}) =>
      loadModel({ ...model, amMvn }, { backend, threads, ...work }, run.screen),
  };
}
