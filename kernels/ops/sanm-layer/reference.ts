/** The definition of SanmLayer: the references of its parts, one after the other. */
import { attention } from "../attention/index.ts";
import { attentionReference } from "../attention/reference.ts";
import { resultOf, sumOf } from "../composed.ts";
import { fsmn } from "../fsmn/index.ts";
import { fsmnReference } from "../fsmn/reference.ts";
import type { Operand, Reference } from "../../kernel.ts";
import { layerNorm } from "../layer-norm/index.ts";
import { layerNormReference } from "../layer-norm/reference.ts";
import { linear } from "../linear/index.ts";
import type { Activation } from "../linear/index.ts";
import { linearReference } from "../linear/reference.ts";
import { sanmShapes } from "./index.ts";
import type { SanmLayerAttrs, SanmLayerInput, SanmMatrix, SanmNorm } from "./index.ts";

export const sanmLayerReference: Reference<SanmLayerInput, SanmLayerAttrs> = (inputs, attrs, [y]) => {
  const given = inputs as { readonly [name in SanmLayerInput]: Operand };
  const { heads, inner, eps, formats } = attrs;
  const { x, memory: kernel } = given;
  const [size, taps] = kernel.shape as readonly [number, number];
  const inSize = x.shape[1]!;
  const shapes = sanmShapes(inSize, size, inner);
  const multiply = (input: Operand, name: SanmMatrix, activation: Activation = "none"): Operand => {
    const [outFeatures, inFeatures] = shapes[name];
    return resultOf(
      linear,
      linearReference,
      { x: input, weight0: given[name], bias0: given[`${name}Bias`] },
      { formats: [formats[name]], outFeatures: [outFeatures], inFeatures, activation },
    );
  };
  const norm = (input: Operand, name: SanmNorm): Operand =>
    resultOf(
      layerNorm,
      layerNormReference,
      { x: input, weight: given[name], bias: given[`${name}Bias`] },
      { eps },
    );

  const joint = multiply(norm(x, "attentionNorm"), "queryKeyValue");
  const [q, k, v] = [0, 1, 2].map((part) => columnsOf(joint, part * size, size)) as [
    Operand,
    Operand,
    Operand,
  ];
  const length = x.shape[0]!;
  const scale = (size / heads) ** -0.5;
  const context = resultOf(
    attention,
    attentionReference,
    { q, k, v },
    { heads, kvHeads: heads, scale, causal: false, length },
  );
  const memory = resultOf(fsmn, fsmnReference, { v, kernel }, { left: (taps - 1) / 2 });
  const attended = sumOf(multiply(context, "output"), memory);
  const hidden = inSize === size ? sumOf(x, attended) : attended;
  const fed = multiply(multiply(norm(hidden, "feedForwardNorm"), "up", "relu"), "down");
  y!.set(sumOf(hidden, fed).values);
};

function columnsOf({ values, shape }: Operand, start: number, count: number): Operand {
  const [rows, columns] = shape as readonly [number, number];
  const part = new Float32Array(rows * count);
  for (let r = 0; r < rows; r++)
    part.set(values.subarray(r * columns + start, r * columns + start + count), r * count);
  return { values: part, shape: [rows, count] };
}
