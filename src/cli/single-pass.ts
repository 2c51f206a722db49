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
import { fingerprint } from "../diff/origin.ts";
import type { Engine } from "../engine/engine.ts";
import { loadModel, openChosen } from "./load-model.ts";
import type { ModelFlags } from "./load-model.ts";

type SinglePassFlags = FlagValues<typeof singlePassFlags>;

export interface SinglePass extends Pick<CommandRun, "screen"> {
  readonly options: TranscribeOptions & LongWork;
  /** Loads the model of the flags, or another one, on their backend or on another one. */
  load(change?: {
    readonly model?: ModelFlags;
    readonly backend?: BackendChoice | undefined;
    /** What computes, instead of a backend. */
    readonly engine?: Engine;
  }): Promise<Transcriber>;
  /** The name of the weights of the flags' model, or of another one; undefined for a model at an address. */
  fingerprint(model?: ModelFlags): Promise<string | undefined>;
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
    load: ({ model = flags, backend = flags.backend, engine } = {}) =>
      loadModel(
        { ...model, amMvn },
        { ...(engine === undefined ? { backend, threads } : { engine }), ...work },
        run.screen,
      ),
    async fingerprint(model = flags) {
      if (/^https?:/u.test(model.model ?? "")) return undefined;
      await using checkpoint = await openChosen(model, run.screen, work.signal);
      return await fingerprint(checkpoint, work.signal);
    },
  };
}
