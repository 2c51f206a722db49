/** Which stages two sound computations may give differently, for their weights or their arithmetic. */
import { bitsOf } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { StageInfo } from "../nn/hook-point.ts";
import { parseStageName } from "../nn/stage-name.ts";
import { roundedCpu } from "./origin.ts";
import type { Origin } from "./origin.ts";

export interface Differing {
  /** The coarsest format of the two, where the weights are not the same. */
  readonly weights: Format | undefined;
  /** Does one of the two round where the other does not? */
  readonly rounding: boolean;
  /** Do both round, on different backends? */
  readonly flips: boolean;
  /** Does a stage depend on that, when its inputs are the same? */
  affects(stage: StageInfo): boolean;
}

/**
 * `equal`: the weights are known to be the same. `stages` are the model's; of two archives, nothing but their metadata are
 * known.
 */
export function differingOf(
  ours: Origin,
  theirs: Origin,
  stages: readonly StageInfo[] = [],
  equal = false,
): Differing {
  const same = equal || (ours.weights !== undefined && ours.weights === theirs.weights);
  const coarsest = coarser(ours.format ?? "F32", theirs.format ?? "F32");
  const weights = same || isExact(coarsest) ? undefined : coarsest;
  const changes = ({ format }: StageInfo): boolean =>
    weights !== undefined && !isExact(coarser(format!, theirs.format ?? "F32"));
  const rounds = ({ name, format }: StageInfo): boolean =>
    arithmetic(ours, name, format!) !== arithmetic(theirs, name, same ? format! : (theirs.format ?? "F32"));
  const parts = ["", llm].map((name) => ({ name, shape: [], block: false, format: coarsest }));
  const weighted = [
    ...stages.filter(({ format }) => format !== undefined),
    ...(stages.length > 0 ? [] : parts),
  ];
  return {
    weights,
    rounding: weighted.some(rounds),
    flips:
      ours.backend !== theirs.backend &&
      weighted.some(({ name, format }) => arithmetic(ours, name, format!) === "rounded"),
    affects: (stage) => stage.format !== undefined && (changes(stage) || rounds(stage)),
  };
}

/** The stages of the language model, which may compute on another backend. */
const llm = "llm.";

/** What checkpoints hold; conversion to one of these changes nothing. */
const isExact = (format: Format): boolean => format === "F32" || format === "BF16";

const coarser = (a: Format, b: Format): Format => (bitsOf(a) < bitsOf(b) ? a : b);

/** What a backend makes of weights in this format: as they are, repacked as Q8_0, or that with the input rounded too. */
function arithmetic(side: Origin, stage: string, format: Format): "exact" | "repacked" | "rounded" {
  if (bitsOf(format) >= 16) return "exact";
  const backend = stage.startsWith(llm) ? (side.llm ?? side.backend) : side.backend;
  if (backend === "wasm" || backend === roundedCpu) return "rounded";
  return backend === "tensorflow" && format !== "Q8_0" ? "repacked" : "exact";
}

/**
 * The names, among those that are compared, of stages that may differ though everything compared before them is the same:
 * those that are affected, and those behind an affected one that is not compared, until the block around it is.
 */
export function affectedNames(
  names: readonly string[],
  stages: readonly StageInfo[],
  { affects, weights }: Differing,
): ReadonlySet<string> {
  const compared = new Set(names);
  const affected = new Set<string>();
  let open: string[] = [];
  for (const stage of stages) {
    const { name } = stage;
    if (!compared.has(name)) {
      if (affects(stage)) open.push(name);
      continue;
    }
    if (affects(stage) || open.length > 0) affected.add(name);
    open = open.filter((inner) => !inner.startsWith(`${name}.`));
  }
  // The rows of later tokens are looked up in a table between two stages.
  const isAffected = (name: string): boolean => {
    const { path, token } = parseStageName(name);
    return affected.has(path) || (token > 0 && (weights !== undefined || !compared.has(path)));
  };
  return new Set(names.filter(isAffected));
}
