/** Linear maps as the kernel computes them: one to three of the same input, with or without a rectifier behind them. */
import { biasNames, linear as linearKernel, weightNames } from "../../kernels/ops/linear/index.ts";
import type { Activation } from "../../kernels/ops/linear/index.ts";
import { runAll } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Parameter } from "./parameters.ts";

/** y = W·x + b, and the same with a rectifier behind it. */
export interface Linear {
  (x: Tensor): Tensor;
  readonly relu: (x: Tensor) => Tensor;
}

export type Apply = (x: Tensor, activation: Activation) => Tensor[];

/** The map of one output, with what comes before it, if anything. */
export function linearFrom(apply: Apply, prepare: (x: Tensor) => Tensor = (x) => x): Linear {
  const linear = (x: Tensor): Tensor => apply(prepare(x), "none")[0]!;
  return Object.assign(linear, { relu: (x: Tensor): Tensor => apply(prepare(x), "relu")[0]! });
}

/** Products of one input with several matrices, in one kernel. */
export function linearOf(
  weights: readonly Parameter[],
  biases: readonly (Parameter | undefined)[],
  x: Tensor,
  activation: Activation,
): Tensor[] {
  const inputs: { [name: string]: Tensor | undefined } = { x };
  for (const [i, weight] of weights.entries()) {
    inputs[weightNames[i]!] = weight.tensor;
    inputs[biasNames[i]!] = biases[i]?.tensor;
  }
  const attrs = {
    formats: weights.map(({ format }) => format),
    outFeatures: weights.map(({ rows }) => rows),
    inFeatures: weights[0]!.columns,
    activation,
  };
  return runAll(linearKernel, inputs, attrs);
}
