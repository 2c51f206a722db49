/** The architectures by the name that a checkpoint gives itself (`general.architecture`). */
import type { Weights } from "../nn/weights.ts";
import { funAsrNano, readFunAsrNano } from "./fun-asr-nano/fun-asr-nano.ts";
import type { Settings } from "./settings.ts";

interface Architecture<Config, Model> {
  readonly readConfig: (settings: Settings) => Config;
  readonly build: (w: Weights, config: Config) => Model;
}

export const architectures = {
  "fun-asr-nano": architecture({ readConfig: readFunAsrNano, build: funAsrNano }),
} as const;

export type ArchitectureName = keyof typeof architectures;

/** A built model of any of the architectures, with its name to tell it by. */
export type Model = {
  readonly [Name in ArchitectureName]: ReturnType<(typeof architectures)[Name]["build"]> & {
    readonly architecture: Name;
  };
}[ArchitectureName];

function architecture<Config, Model>(parts: Architecture<Config, Model>): Architecture<Config, Model> {
  return parts;
}
