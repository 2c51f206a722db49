/** `fun-asr ablate`: a transcription without a part of the model, compared with one of the whole model. */
import { effectOf, observe } from "../diff/effect.ts";
import type { Outcome } from "../diff/effect.ts";
import { checkNames } from "../activations/run-with-hooks.ts";
import { globs } from "../activations/stage-pattern.ts";
import { UsageError } from "../errors.ts";
import type { Ablation, Scaling } from "../activations/interventions.ts";
import type { StageInfo } from "../nn/hook-point.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { RunOptions } from "../transcriber/types.ts";
import type { NamedEffect } from "./effect-text.ts";
import type { FlagTable, FlagValues } from "./flags/flag.ts";
import { indicesOrEach, words } from "./flags/parse.ts";
import { interventionCommand, regionOf } from "./intervention-command.ts";

const ablateFlags = {
  at: {
    group: "Intervention",
    placeholder: "stages",
    value: { kind: "text" },
    help: "names of the activations to remove, separated by commas; * matches any text",
  },
  heads: {
    group: "Intervention",
    placeholder: "numbers",
    value: { kind: "text" },
    parse: indicesOrEach,
    default: "all",
    help: "only these heads of an attention block, e.g. 0,3; each: one head after the other",
  },
  to: {
    group: "Intervention",
    placeholder: "what",
    value: { kind: "choice", values: ["zero", "mean", "skip"] },
    initial: "zero",
    help: "replacement: zeros, the mean of all rows, or the input of the block (skip)",
  },
  scale: {
    group: "Intervention",
    placeholder: "factor",
    value: { kind: "number", least: -1e6, most: 1e6 },
    help: "multiply by a factor instead",
  },
  hotwordRows: {
    group: "Intervention",
    value: { kind: "boolean" },
    help: "remove the rows of the prompt that hold the --hotwords",
  },
} as const satisfies FlagTable;

export const ablate = interventionCommand({
  flags: ablateFlags,
  async run(model, audio, flags, { options }) {
    const before = await observe(model, audio, options);
    const effects: NamedEffect[] = [{ what: "unchanged", text: before.text }];
    for (const { what, interventions } of await ablations(model, audio, flags, options)) {
      effects.push({ what, ...(await effectOf(model, audio, { ...options, ...interventions }, before)) });
      if (flags.hotwordRows) effects.push(await withoutHotwords(model, audio, options, before));
    }
    return effects;
  },
});

type Flags = FlagValues<typeof ablateFlags> & Parameters<typeof regionOf>[0];

interface NamedAblation {
  readonly what: string;
  readonly interventions: Pick<RunOptions, "ablate" | "scale">;
}

async function ablations(
  model: Transcriber,
  audio: string,
  flags: Flags,
  options: RunOptions,
): Promise<NamedAblation[]> {
  const { to, scale } = flags;
  const region = regionOf(flags);
  if (flags.hotwordRows) {
    const rows = await hotwordRows(model, audio, options);
    const ablate = [{ at: "llm.inputs_embeds", frames: rows, to }];
    return [{ what: `without rows ${rows[0]}-${rows[1] - 1} of the prompt`, interventions: { ablate } }];
  }
  const places = placesOf(flags.at, model.stages());
  const apply = (heads: readonly number[] | undefined): NamedAblation["interventions"] => {
    const regions = places.map((at) => ({ at, ...region, heads }));
    if (scale === undefined) return { ablate: regions.map((region): Ablation => ({ ...region, to })) };
    return { scale: regions.map((region): Scaling => ({ ...region, by: scale })) };
  };
  const verb = scale === undefined ? "without" : `times ${scale}`;
  if (flags.heads !== "each") {
    const { heads } = flags;
    const which = heads === undefined ? "" : ` heads ${heads.join(", ")}`;
    return [{ what: `${verb} ${flags.at}${which}`, interventions: apply(heads) }];
  }
  return Array.from({ length: headsOf(places, model.stages()) }, (_, head) => ({
    what: `${verb} head ${head}`,
    interventions: apply([head]),
  }));
}

function placesOf(patterns: string | undefined, stages: readonly StageInfo[]): string[] {
  const wanted = words(patterns ?? "");
  if (wanted.length === 0) {
    throw new UsageError("bad_option", "--at", "nothing", {
      wanted: "stages of the model, or --hotword-rows",
      remedy: "`fun-asr dump --list` names them",
    });
  }
  checkNames(wanted, stages);
  return stages.map(({ name }) => name).filter(globs(wanted));
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
  let after = 0;
  while (named.at(-1 - after) === plain.at(-1 - after)) after++;
  return [start, Math.max(start + 1, named.length - after)];
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
