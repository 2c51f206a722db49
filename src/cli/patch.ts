/** `fun-asr patch`: a transcription in which one stage has another run's values. */
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { openArchive } from "../diff/archives/index.ts";
import type { StageValues } from "../diff/compare.ts";
import { effectOf, observe } from "../diff/effect.ts";
import { UsageError } from "../errors.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { NamedEffect } from "./effect-text.ts";
import { experiment, experimentOptions, partOf } from "./experiment.ts";
import type { ExperimentFlags } from "./experiment.ts";
import { list } from "./laboratory.ts";
import type { Laboratory } from "./laboratory.ts";
import type { CommandContext } from "./program.ts";

interface Flags extends ExperimentFlags {
  readonly at: string;
  readonly from: string;
}

export function registerPatch(program: Command, context: CommandContext): void {
  const command = program
    .command("patch")
    .description("transcribe with activations of another run")
    .requiredOption("--at <stages>", "which stages take other values, separated by commas")
    .requiredOption("--from <path>", "where these come from: a stage archive, or another audio file");
  experimentOptions(command).action(experiment(context, patch));
}

async function patch(
  model: Transcriber,
  audio: string,
  flags: Flags,
  laboratory: Laboratory,
): Promise<NamedEffect[]> {
  const { options } = laboratory;
  const places = list(flags.at) ?? [];
  const part = partOf(flags);
  const { values, text } = await source(model, flags.from, places, laboratory);
  const before = await observe(model, audio, options);
  const patches = places.map((at) => ({ at, ...part, with: values.get(at)! }));
  const effect = await effectOf(model, audio, { ...options, patch: patches }, before);
  return [
    { what: "as it is", text: before.text },
    ...(text === undefined ? [] : [{ what: flags.from, text }]),
    { what: "patched", ...effect },
  ];
}

/** The values at these places in an archive, or in the model while it hears another recording. */
async function source(
  model: Transcriber,
  from: string,
  places: readonly string[],
  { options }: Laboratory,
): Promise<{ values: ReadonlyMap<string, StageValues>; text?: string }> {
  if (await isArchive(from)) {
    await using archive = await openArchive(from);
    const values = new Map<string, StageValues>();
    for (const at of places) values.set(at, await archive.read(at, options.signal));
    return { values };
  }
  const { stages, transcription } = await model.run(from, { ...options, capture: places });
  const missing = places.find((at) => !stages.has(at));
  if (missing !== undefined) {
    throw new UsageError("bad_option", "--at", missing, { wanted: "the full name of a stage" });
  }
  return { values: stages, text: transcription?.text ?? "" };
}

async function isArchive(path: string): Promise<boolean> {
  if (/\.(?:safetensors|npz|gguf)$/iu.test(path)) return true;
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
