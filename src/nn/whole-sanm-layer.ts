/** A SAN-M layer in one kernel, under the same rule as a decoder layer (whole-layer.ts): nobody listens to it. */
import { sanmLayer, sanmMatrices, sanmNorms, sanmShapes } from "../../kernels/ops/sanm-layer/index.ts";
import type { SanmMatrix, SanmNorm } from "../../kernels/ops/sanm-layer/index.ts";
import { has, run } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Weights } from "./weights.ts";

/** The names of the layer's weights below its cursor. */
export interface SanmNames {
  readonly matrices: { readonly [name in SanmMatrix]: string };
  readonly norms: { readonly [name in SanmNorm]: string };
  readonly memory: string;
}

export interface SanmSizes {
  readonly inSize: number;
  readonly size: number;
  readonly inner: number;
  readonly heads: number;
  readonly taps: number;
  readonly eps: number;
}

/** x [T, inSize] through the layer, or nothing: then the equations are to be computed one by one. */
export function fusedSanmLayer(
  w: Weights,
  { matrices, norms, memory }: SanmNames,
  { inSize, size, inner, heads, taps, eps }: SanmSizes,
): (x: Tensor) => Tensor | undefined {
  const shapes = sanmShapes(inSize, size, inner);
  const weights = sanmMatrices.map((name) => [name, w.matrix(matrices[name], ...shapes[name])] as const);
  const kernel = w.values(`${memory}.weight`, [size, taps]);
  const vectors = [
    ...sanmMatrices.map(
      (name) => [`${name}Bias`, w.values(`${matrices[name]}.bias`, [shapes[name][0]])] as const,
    ),
    ...sanmNorms.flatMap((name) => {
      const width = name === "attentionNorm" ? inSize : size;
      return [
        [name, w.values(`${norms[name]}.weight`, [width])],
        [`${name}Bias`, w.values(`${norms[name]}.bias`, [width])],
      ] as const;
    }),
  ];

  return (x) => {
    if (w.watched || !has(sanmLayer)) return undefined;
    const tensors = [...weights, ...vectors].map(([name, { tensor }]) => [name, tensor]);
    const formats = Object.fromEntries(weights.map(([name, { format }]) => [name, format]));
    const inputs = { x, memory: kernel.tensor, ...Object.fromEntries(tensors) };
    return run(sanmLayer, inputs, { heads, inner, eps, formats });
  };
}
