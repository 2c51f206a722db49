/** `fun-asr ablate`: a transcription without a part of the model, next to one with it. */
import { Option } from "commander";
import type { Command } from "commander";
import { effectOf, observe } from "../diff/effect.ts";
import type { Outcome } from "../diff/effect.ts";
import { globs } from "../activations/stage-pattern.ts";
import { UsageError } from "../errors.ts";
import type { Ablation, Scaling } from "../activations/interventions.ts";
import type { StageInfo } from "../nn/hook-point.ts";
import type { RunOptions, Transcriber } from "../transcriber/transcriber.ts";
import type { NamedEffect } from "./effect-text.ts";
import { experiment, experimentOptions, partOf } from "./experiment.ts";
import type { ExperimentFlags } from "./experiment.ts";
import { list, numbers } from "./laboratory.ts";
import type { Laboratory } from "./laboratory.ts";
import { numberWithin } from "./parse.ts";
import type { CommandContext } from "./program.ts";

interface Flags extends ExperimentFlags {
  readonly at?: string;
  readonly heads?: string;
  readonly to: "zero" | "mean" | "skip";
  readonly scale?: number;
  readonly hotwordRows: boolean;
}

export function registerAblate(program: Command, context: CommandContext): void {
  const command = program
    .command("ablate")
    .description("transcribe without a part of the model")
    .option("--at <stages>", "what to take out, separated by commas; * matches anything")
    .option("--heads <numbers>", "of an attention block, these heads only, e.g. 0,3; `each` tries one by one")
    .addOption(
      new Option("--to <what>", "zero, the mean of all rows, or a block skipped: its input passes through")
        .choices(["zero", "mean", "skip"])
        .default("zero"),
    )
    .option("--scale <factor>", "multiply instead", numberWithin(-1e6, 1e6))
    .option("--hotword-rows", "take out the rows of the prompt that --hotwords fill", false);
  experimentOptions(command).action(experiment(context, ablate));
}

async function ablate(
  model: Transcriber,
  audio: string,
  flags: Flags,
  { options }: Laboratory,
): Promise<NamedEffect[]> {
  const before = await observe(model, audio, options);
  const effects: NamedEffect[] = [{ what: "as it is", text: before.text }];
  for (const { what, interventions } of await experiments(model, audio, flags, options)) {
    effects.push({ what, ...(await effectOf(model, audio, { ...options, ...interventions }, before)) });
    if (flags.hotwordRows) effects.push(await withoutHotwords(model, audio, options, before));
  }
  return effects;
}

interface Experiment {
  readonly what: string;
  readonly interventions: Pick<RunOptions, "ablate" | "scale">;
}

async function experiments(
  model: Transcriber,
  audio: string,
  flags: Flags,
  options: RunOptions,
): Promise<Experiment[]> {
  const { to, scale } = flags;
  const part = partOf(flags);
  if (flags.hotwordRows) {
    const rows = await hotwordRows(model, audio, options);
    const ablate = [{ at: "llm.inputs_embeds", frames: rows, to }];
    return [{ what: `without rows ${rows[0]}-${rows[1] - 1} of the prompt`, interventions: { ablate } }];
  }
  const places = placesOf(flags.at, model.stages());
  const apply = (heads: readonly number[] | undefined): Experiment["interventions"] => {
    const regions = places.map((at) => ({ at, ...part, heads }));
    if (scale === undefined) return { ablate: regions.map((region): Ablation => ({ ...region, to })) };
    return { scale: regions.map((region): Scaling => ({ ...region, by: scale })) };
  };
  const verb = scale === undefined ? "without" : `times ${scale}`;
  if (flags.heads !== "each") {
    const heads = numbers("--heads", flags.heads);
    const which = heads === undefined ? "" : ` heads ${heads.join(", ")}`;
    return [{ what: `${verb} ${flags.at}${which}`, interventions: apply(heads) }];
  }
  return Array.from({ length: headsOf(places, model.stages()) }, (_, head) => ({
    what: `${verb} head ${head}`,
    interventions: apply([head]),
  }));
}

function placesOf(patterns: string | undefined, stages: readonly StageInfo[]): string[] {
  const wanted = list(patterns) ?? [];
  const matches = globs(wanted);
  const places = stages.map(({ name }) => name).filter(matches);
  if (places.length > 0) return places;
  throw new UsageError("bad_option", "--at", patterns ?? "nothing", {
    wanted: "stages of the model, or --hotword-rows",
    remedy: "`fun-asr dump --list` names them",
  });
}

function headsOf(places: readonly string[], stages: readonly StageInfo[]): number {
  const heads = stages.find(
    ({ name, heads }) => heads !== undefined && places.some((at) => name.startsWith(at)),
  );
  if (heads?.heads !== undefined) return heads.heads;
  throw new UsageError("bad_option", "--heads", "each", { wanted: "an attention block at --at" });
}

/** The rows in which the prompts with and without the words differ. */
async function hotwordRows(
  model: Transcriber,
  audio: string,
  options: RunOptions,
): Promise<readonly [number, number]> {
  const ids = async (hotwords: RunOptions["hotwords"]): Promise<Float32Array> => {
    const stop = { capture: ["prompt.ids"], stopAfter: "prompt.ids" };
    const { stages } = await model.run(audio, { ...options, hotwords, ...stop });
    return stages.get("prompt.ids")!.values;
  };
  const [named, plain] = [await ids(options.hotwords), await ids([])];
  const start = named.findIndex((id, i) => id !== plain[i]);
  if (start < 0 || named.length <= plain.length) {
    throw new UsageError("bad_option", "--hotword-rows", "a prompt without hotwords", {
      wanted: "--hotwords with words",
    });
  }
  let behind = 0;
  while (named.at(-1 - behind) === plain.at(-1 - behind)) behind++;
  return [start, Math.max(start + 1, named.length - behind)];
}

async function withoutHotwords(
  model: Transcriber,
  audio: string,
  options: RunOptions,
  before: Outcome,
): Promise<NamedEffect> {
  const effect = await effectOf(model, audio, { ...options, hotwords: [] }, before);
  return { what: "without hotwords", ...effect };
}
