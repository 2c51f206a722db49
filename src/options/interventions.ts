/** The parts of an intervention: what the options `patch`, `ablate` and `scale` of `run` are lists of. */
import type { OptionTable } from "./rules.ts";

const at = { value: { kind: "text" }, help: "name of the stage" } as const;
const index = { kind: "number", least: 0, whole: true } as const;
const range = (what: string) =>
  ({
    value: { kind: "numbers", each: index, most: 2 },
    help: `only these ${what}: the first, and the one after the last`,
  }) as const;

const region = {
  frames: range("rows"),
  columns: range("columns"),
} as const;
const heads = {
  value: { kind: "numbers", each: index, most: 10_000 },
  help: "only these attention heads",
} as const;

export const patch = {
  at,
  ...region,
  with: {
    value: { kind: "other", type: "a Float32Array, or an activation { shape, values }", methods: [] },
    help: "the values",
  },
} as const satisfies OptionTable;

export const ablation = {
  at,
  ...region,
  heads,
  to: {
    value: { kind: "choice", values: ["zero", "mean", "skip"] },
    default: "zero",
    help: "what the part becomes: zeros, the mean of all rows, or nothing that is added to the block's input",
  },
} as const satisfies OptionTable;

export const scaling = {
  at,
  ...region,
  heads,
  by: { value: { kind: "number" }, help: "the factor" },
} as const satisfies OptionTable;
