/**
 * Interventions in a forward pass, as hooks: patch values, ablate or scale parts, stop the pass. The terms are those of
 * Heimersheim and Nanda, "How to use and interpret activation patching", arXiv:2404.15255.
 */
import { UsageError } from "../errors.ts";
import { scale, tensor, zeros } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { changeRegion, meanOfRows } from "./regions.ts";
import { unknownStage } from "./unknown-stage.ts";
import type { Region } from "./regions.ts";
import type { StageInfo, Hook } from "../nn/hook-point.ts";

/** Replaces values of a stage, in the rows of the audio and the prompt; those of generated tokens stay. */
export interface Patch extends Omit<Region, "heads"> {
  /** A stage's name. */
  readonly at: string;
  /** The region's values, row by row, or those of a whole stage (of another run, for example), cut to the region. */
  readonly with: Float32Array | { readonly shape: readonly number[]; readonly values: Float32Array };
}

/** Removes a part of a stage: with `frames`, in the rows of the audio and the prompt, else for generated tokens too. */
export interface Ablation extends Region {
  /** A stage's name, or with `heads` that of an attention block. */
  readonly at: string;
  /**
   * `zero` by default; `mean`: each row becomes the mean of all rows; `skip`: the parts of a block that are added to its
   * input become zero, so that the input passes unchanged.
   */
  readonly to?: "zero" | "mean" | "skip" | undefined;
}

/** Multiplies a part of a stage by a number; its region is as an ablation's. */
export interface Scaling extends Region {
  readonly at: string;
  readonly by: number;
}

export interface Interventions {
  readonly patch?: readonly Patch[] | undefined;
  readonly ablate?: readonly Ablation[] | undefined;
  readonly scale?: readonly Scaling[] | undefined;
}

interface Edit {
  readonly at: string;
  readonly region: Region;
  readonly heads: number | undefined;
  readonly everyToken: boolean;
  readonly change: (part: Tensor) => Tensor;
}

/** Thrown by a pass that ends early on request. */
export class Stopped extends Error {}

/** Ends the pass after the stage. */
export function stopAfter(at: string): Hook {
  return {
    wants: (path) => path === at,
    onTensor: () => {
      throw new Stopped(at);
    },
  };
}

/** Several hooks as one: each gets the values that those before it return. */
export function chainHooks(hooks: readonly Hook[]): Hook {
  const onValues: Hook["onValues"] = async (path, shape, values, token) => {
    for (const hook of hooks) if (hook.wants(path, token)) await hook.onValues?.(path, shape, values, token);
  };
  return {
    ...(hooks.every((hook) => hook.onValues !== undefined) ? { onValues } : {}),
    wants: (path, token) => hooks.some((hook) => hook.wants(path, token)),
    onTensor: (path, value, token) =>
      hooks.reduce(
        (seen, hook) => (hook.wants(path, token) ? (hook.onTensor(path, seen, token) ?? seen) : seen),
        value,
      ),
    async flush() {
      for (const hook of hooks) await hook.flush?.();
    },
  };
}

export class InterventionHook implements Hook {
  readonly #edits = new Map<string, Edit[]>();
  readonly #done = new Set<string>();

  /** Throws `bad_option` for stages and heads that the model does not have. */
  constructor(
    { patch = [], ablate = [], scale: scalings = [] }: Interventions,
    stages: readonly StageInfo[],
  ) {
    const edits = [
      ...patch.map((patch) => patching(patch, stages)),
      ...ablate.flatMap((ablation) => ablating(ablation, stages)),
      ...scalings.map(({ at, by, ...region }) =>
        edit(at, region, stages, (part) => scale(part, by), region.frames === undefined),
      ),
    ];
    for (const one of edits) this.#edits.set(one.at, [...(this.#edits.get(one.at) ?? []), one]);
  }

  /** Whether there is nothing to change. */
  get idle(): boolean {
    return this.#edits.size === 0;
  }

  /** Stages that have changes and that the pass did not reach. */
  get untouched(): readonly string[] {
    return [...this.#edits.keys()].filter((at) => !this.#done.has(at));
  }

  wants(path: string, token: number): boolean {
    return this.#edits.get(path)?.some(({ everyToken }) => everyToken || token === 0) ?? false;
  }

  onTensor(path: string, value: Tensor, token: number): Tensor {
    this.#done.add(path);
    return (this.#edits.get(path) ?? [])
      .filter(({ everyToken }) => everyToken || token === 0)
      .reduce((x, { region, heads, change }) => changeRegion(x, region, heads, change), value);
  }
}

function patching({ at, with: given, ...region }: Patch, stages: readonly StageInfo[]): Edit {
  const perHead = stages.find(({ name }) => name === at)?.shape.length === 3;
  if (perHead && region.frames !== undefined) {
    throw new UsageError("bad_option", `patch of ${at}`, "frames", {
      wanted: "no frames, or a stage of rows",
    });
  }
  return edit(at, region, stages, (part) => replacement(at, region, given, part.shape), false);
}

/** The region's values as a matrix of the region's shape. */
function replacement(at: string, region: Region, given: Patch["with"], shape: readonly number[]): Tensor {
  const [rowCount, columnCount] = shape as [number, number];
  const size = rowCount * columnCount;
  const flat = given instanceof Float32Array ? given : given.values;
  if (flat.length === size) return tensor(flat, shape);
  const width = given instanceof Float32Array ? 0 : given.shape.length > 1 ? given.shape.at(-1)! : 1;
  const [top, bottom] = region.frames ?? [0, flat.length / width];
  const [left] = region.columns ?? [0];
  if (bottom - top !== rowCount || bottom * width > flat.length || left + columnCount > width) {
    const found = given instanceof Float32Array ? `${flat.length} values` : `[${given.shape.join(", ")}]`;
    throw new UsageError("bad_option", `patch of ${at}`, found, {
      wanted: `${rowCount} rows of ${columnCount}, or a stage that has these`,
      remedy: "Name the frames to take where the two have different numbers of them",
    });
  }
  const cut = new Float32Array(size);
  for (let row = 0; row < rowCount; row++) {
    const from = (top + row) * width + left;
    cut.set(flat.subarray(from, from + columnCount), row * columnCount);
  }
  return tensor(cut, shape);
}

function ablating({ at, to = "zero", ...region }: Ablation, stages: readonly StageInfo[]): Edit[] {
  const change = to === "mean" ? meanOfRows : (part: Tensor): Tensor => zeros(part.shape);
  const places = to === "skip" ? branches(at, stages) : [at];
  return places.map((place) => edit(place, region, stages, change, region.frames === undefined));
}

/** The blocks directly below a block: the parts that a residual layer adds to its input. */
function branches(at: string, stages: readonly StageInfo[]): string[] {
  const depth = at.split(".").length + 1;
  const below = stages.filter(
    ({ name, block }) => block && name.startsWith(`${at}.`) && name.split(".").length === depth,
  );
  if (below.length === 0) throw unknownStage(at, stages, "a block that is made of blocks");
  return below.map(({ name }) => name);
}

function edit(
  at: string,
  region: Region,
  stages: readonly StageInfo[],
  change: Edit["change"],
  everyToken: boolean,
): Edit {
  const place = region.heads === undefined ? at : headsAt(at, stages);
  const stage = stages.find(({ name }) => name === place);
  if (stage === undefined) throw unknownStage(at, stages);
  return { at: place, region, heads: stage.heads, everyToken, change };
}

/** The stage that has the heads of an attention block: itself, or the block's `context`. */
function headsAt(at: string, stages: readonly StageInfo[]): string {
  const found = [at, `${at}.context`].find((name) =>
    stages.some((stage) => stage.name === name && stage.heads !== undefined),
  );
  if (found === undefined) throw unknownStage(at, stages, "a stage with attention heads");
  return found;
}
