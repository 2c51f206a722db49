/** Linear maps y = W·x + b: one, several of the same input in one kernel, a convolution as one, parts of one. */
import { linearRows } from "../../kernels/ops/linear-rows/index.ts";
import { biasNames, linear as linearKernel, weightNames } from "../../kernels/ops/linear/index.ts";
import type { Activation } from "../../kernels/ops/linear/index.ts";
import { relu, run, runAll, splitColumns, unfold } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Parameter } from "./parameters.ts";
import { stage } from "./stage.ts";
import type { HookPoint } from "./stage.ts";
import type { Weights } from "./weights.ts";

/** The parameters of a module, for a fused kernel that computes it along with others. */
export interface Parametrized {
  readonly weight: Parameter;
  readonly bias?: Parameter | undefined;
}

/** y = W·x + b, and the same followed by a rectifier. */
export interface Linear extends Parametrized {
  (x: Tensor): Tensor;
  readonly relu: (x: Tensor) => Tensor;
}

/**
 * A linear map, and the same for some of its outputs only: for heads as wide as a vocabulary. Its callers compute a few
 * rows at a time, and emit its stage themselves.
 */
export interface WideLinear {
  (x: Tensor): Tensor; // [T, in] → [T, out]
  readonly some: (x: Tensor, outputs: readonly number[]) => Tensor; // [T, in] → [T, outputs]
  readonly stage: HookPoint; // [T, out]
}

/** One of these for each name. */
type Each<Names extends readonly string[], Item> = { readonly [i in keyof Names]: Item };

interface LinearOptions {
  readonly bias?: boolean;
}

type Part = Parametrized & { readonly point: HookPoint };

/** `name.weight` [out, in] and `name.bias` [out]. */
export function linear(
  w: Weights,
  name: string,
  inFeatures: number,
  outFeatures: number,
  options: LinearOptions = {},
): Linear {
  return alone(linearParts(w, [name], inFeatures, [outFeatures], options)[0]!);
}

/** The same, which can also compute single outputs. */
export function wideLinear(w: Weights, name: string, inFeatures: number, outFeatures: number): WideLinear {
  const weight = w.matrix(`${name}.weight`, [outFeatures, inFeatures]);
  const bias = w.values(`${name}.bias`, [outFeatures]);
  const shape = { rows: outFeatures, columns: inFeatures };
  return Object.assign((x: Tensor) => multiply([{ weight, bias }], x)[0]!, {
    stage: stage(w, name, outFeatures),
    some: (x: Tensor, ids: readonly number[]): Tensor => {
      const inputs = { x, weight: weight.tensor, bias: bias.tensor };
      return run(linearRows, inputs, { format: weight.format, ...shape, ids });
    },
  });
}

/** One linear map whose columns are several results side by side, each with its own stage. */
export function fusedLinear<const Names extends readonly string[]>(
  w: Weights,
  name: string,
  parts: Names,
  inFeatures: number,
  outFeatures: number,
): ((x: Tensor) => Each<Names, Tensor>) & Parametrized {
  const whole = linear(w, name, inFeatures, parts.length * outFeatures);
  const points = parts.map((part) => stage(w, part, outFeatures));
  const apply = (x: Tensor): Each<Names, Tensor> =>
    splitColumns(whole(x), parts.length).map((y, i) => points[i]!.emit(y)) as Each<Names, Tensor>;
  return Object.assign(apply, { weight: whole.weight, bias: whole.bias });
}

/** Several linear maps of the same input, computed together. */
export function parallelLinears<const Names extends readonly string[]>(
  w: Weights,
  names: Names,
  inFeatures: number,
  outFeatures: readonly number[],
  options: LinearOptions = {},
): ((x: Tensor) => Each<Names, Tensor>) & { readonly parts: Each<Names, Parametrized> } {
  const parts = linearParts(w, names, inFeatures, outFeatures, options);
  const forward = (x: Tensor): Each<Names, Tensor> => apply(parts, x, "none") as Each<Names, Tensor>;
  return Object.assign(forward, { parts: parts as unknown as Each<Names, Parametrized> });
}

/** Rows before and after the current one that a convolution covers. */
export interface Window {
  readonly left: number;
  readonly right: number;
}

/** Convolution over time with zero padding: `name.weight` [out, in, left + 1 + right] and `name.bias` [out]. */
export function conv1d(
  w: Weights,
  name: string,
  inChannels: number,
  outChannels: number,
  { left, right }: Window,
): Linear {
  const weight = w.matrix(`${name}.weight`, [outChannels, inChannels, left + 1 + right]);
  const bias = w.values(`${name}.bias`, [outChannels]);
  return alone({ weight, bias, point: stage(w, name, outChannels) }, (x) => unfold(x, left, right));
}

/** The output map `name` of a model with tied weights, which reuses a table E [rows, size]: y = x·Eᵀ. */
export function tiedHead(
  w: Weights,
  name: string,
  table: string,
  rows: number,
  size: number,
): (x: Tensor) => Tensor {
  const weight = w.matrix(`${table}.weight`, [rows, size]);
  const point = stage(w, name, rows);
  return (x) => point.emit(multiply([{ weight }], x)[0]!);
}

/** Products of one input with several matrices, in one kernel. */
export function multiply(
  parts: readonly Parametrized[],
  x: Tensor,
  activation: Activation = "none",
): Tensor[] {
  const inputs: { [name: string]: Tensor | undefined } = { x };
  for (const [i, { weight, bias }] of parts.entries()) {
    inputs[weightNames[i]!] = weight.tensor;
    inputs[biasNames[i]!] = bias?.tensor;
  }
  const attrs = {
    formats: parts.map(({ weight }) => weight.format),
    outFeatures: parts.map(({ weight }) => weight.rows),
    inFeatures: parts[0]!.weight.columns,
    activation,
  };
  return runAll(linearKernel, inputs, attrs);
}

function linearParts(
  w: Weights,
  names: readonly string[],
  inFeatures: number,
  outFeatures: readonly number[],
  { bias = true }: LinearOptions,
): Part[] {
  const weights = names.map((name, i) => w.matrix(`${name}.weight`, [outFeatures[i]!, inFeatures]));
  const biases = names.map((name, i) => (bias ? w.values(`${name}.bias`, [outFeatures[i]!]) : undefined));
  return names.map((name, i) => ({
    weight: weights[i]!,
    bias: biases[i],
    point: stage(w, name, outFeatures[i]!),
  }));
}

/** The map of one output, with what comes before it, if anything. */
function alone(part: Part, prepare: (x: Tensor) => Tensor = (x) => x): Linear {
  const { weight, bias } = part;
  const forward = (x: Tensor): Tensor => apply([part], prepare(x), "none")[0]!;
  return Object.assign(forward, {
    relu: (x: Tensor): Tensor => apply([part], prepare(x), "relu")[0]!,
    weight,
    bias,
  });
}

/** A stage is the linear map itself, before the rectifier: where a hook wants it, the two are computed apart. */
function apply(parts: readonly Part[], x: Tensor, activation: Activation): Tensor[] {
  if (!parts.some(({ point }) => point.isWanted)) return multiply(parts, x, activation);
  const seen = multiply(parts, x).map((y, i) => parts[i]!.point.emit(y));
  return activation === "relu" ? seen.map(relu) : seen;
}
