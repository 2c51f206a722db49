/** The architectures by the name that a checkpoint gives itself (`general.architecture`). */
import type { Weights } from "../nn/weights.ts";
import { fsmnVad } from "../models/fsmn-vad.ts";
import { funAsrNano } from "../models/fun-asr-nano/fun-asr-nano.ts";
import { paraformer } from "../models/paraformer/paraformer.ts";
import { senseVoice } from "../models/sensevoice/sensevoice.ts";
import { readFsmnVad } from "./configs/fsmn-vad.ts";
import { readFunAsrNano } from "./configs/fun-asr-nano.ts";
import { readParaformer } from "./configs/paraformer.ts";
import { readSenseVoice } from "./configs/sensevoice.ts";
import type { Settings } from "./settings.ts";

/** Each reads its settings, then takes its weights. */
export const architectures = {
  "fun-asr-nano": architecture("fun-asr-nano", readFunAsrNano, funAsrNano),
  paraformer: architecture("paraformer", readParaformer, paraformer),
  sensevoice: architecture("sensevoice", readSenseVoice, senseVoice),
  "fsmn-vad": architecture("fsmn-vad", readFsmnVad, fsmnVad),
} as const;

export type ArchitectureName = keyof typeof architectures;

/** A built model of any of the architectures, with its name as the discriminant. */
export type Model = ReturnType<(typeof architectures)[ArchitectureName]>;

function architecture<Name extends string, Config, Built extends object>(
  name: Name,
  readConfig: (settings: Settings) => Config,
  build: (w: Weights, config: Config) => Built,
): (w: Weights, settings: Settings) => Built & { readonly architecture: Name } {
  return (w, settings) => ({ ...build(w, readConfig(settings.at(name))), architecture: name });
}
