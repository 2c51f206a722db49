/** Decoder layers of random sizes, with random weights and caches. */
import fc from "fast-check";
import type { Format } from "../../../kernels/formats/table.ts";
import type { Operand } from "../../../kernels/kernel.ts";
import { layerMatrices, matrixShapes } from "../../../kernels/ops/decoder-layer/index.ts";
import type { DecoderLayerAttrs, LayerMatrix } from "../../../kernels/ops/decoder-layer/index.ts";
import { encode, operand } from "../environment/wasm-kernels.ts";
import { natural, normals } from "./random.ts";

/** Sizes of a decoder layer and of its caches. */
export interface LayerShape {
  readonly rows: number;
  readonly position: number;
  readonly spare: number;
  readonly size: number;
  readonly kvHeads: number;
  readonly group: number;
  readonly headDim: number;
  readonly feedForwardSize: number;
  readonly seed: number;
}

/** Widths are multiples of `unit`, which Q8_0 wants to be 32. */
export function shapesOf(unit: number): fc.Arbitrary<LayerShape> {
  const width = (most: number): fc.Arbitrary<number> => natural(most).map((count) => unit * count);
  return fc.record({
    rows: natural(9),
    position: fc.integer({ min: 0, max: 40 }),
    spare: fc.integer({ min: 0, max: 20 }),
    size: width(3),
    kvHeads: natural(3),
    group: natural(3),
    headDim: unit === 32 ? fc.constant(32) : natural(12).map((half) => 2 * half),
    feedForwardSize: width(4),
    seed: fc.nat(),
  });
}

/** Random weights and inputs of a decoder layer. */
export function layerOf(shape: LayerShape, format: Format) {
  const { rows, position, spare, size, kvHeads, group, headDim, seed } = shape;
  const attrs: DecoderLayerAttrs = {
    heads: kvHeads * group,
    kvHeads,
    headDim,
    feedForwardSize: shape.feedForwardSize,
    theta: 1e4,
    eps: 1e-6,
    position,
    formats: Object.fromEntries(layerMatrices.map((name) => [name, format])) as DecoderLayerAttrs["formats"],
  };
  const matrices = Object.fromEntries(
    Object.entries(matrixShapes(size, attrs)).map(([name, [out, columns]], i) => {
      const values = normals(seed + i, out * columns, columns ** -0.5);
      return [name, format === "F32" ? operand(values, out, columns) : encode(format, values, out, columns)];
    }),
  ) as { readonly [name in LayerMatrix]: Operand };
  const capacity = position + rows + spare;
  const cache = (at: number): Operand => {
    const values = new Float32Array(capacity * kvHeads * headDim);
    values.set(normals(seed + at, position * kvHeads * headDim));
    return operand(values, capacity, kvHeads * headDim);
  };
  const gain = (at: number, length: number): Operand =>
    operand(
      normals(seed + at, length, 0.1).map((v) => v + 1),
      length,
    );
  const inputs = {
    x: operand(normals(seed + 20, rows * size), rows, size),
    keys: cache(21),
    values: cache(22),
    inputNorm: gain(23, size),
    queryNorm: gain(24, headDim),
    keyNorm: gain(25, headDim),
    attentionNorm: gain(26, size),
  };
  return { attrs, matrices, inputs };
}
