/** Linear as TensorFlow operations: weights decoded if they are packed, then a product in the arithmetic of the weight. */
import type { OpBuilder, TensorValue } from "../../runtime/tensorflow/op-builder.ts";
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { arithmeticOf } from "../../runtime/tensorflow/options.ts";
import { denseWeight } from "../../runtime/tensorflow/weights.ts";
import { biasNames, linear, weightNames } from "./index.ts";

export const linearTensorflow = composition(linear, (f, inputs, { outFeatures, inFeatures, activation }) =>
  outFeatures.map((size, i) => {
    const product = multiply(f, inputs.x!, inputs[weightNames[i]!]!, size, inFeatures);
    const bias = inputs[biasNames[i]!];
    const sum = bias === undefined ? product : f.add(product, bias);
    return activation === "relu" ? f.relu(sum) : sum;
  }),
);

/** x·Wᵀ, float32 in and out. */
function multiply(
  f: OpBuilder,
  x: TensorValue,
  weight: TensorValue,
  rows: number,
  columns: number,
): TensorValue {
  const type = arithmeticOf(weight.type);
  const dense = denseWeight(f, weight, rows, columns, type);
  return f.cast(f.matmulT(f.cast(x, type), dense), "float32");
}
