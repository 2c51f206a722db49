/** SanmLayer: its definition, and the same bytes as the kernels that it stands for. */
import { tidy } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Format } from "../../../kernels/formats/table.ts";
import type { Operand, Operands } from "../../../kernels/kernel.ts";
import { linear } from "../../../kernels/ops/linear/index.ts";
import { sanmLayer, sanmMatrices, sanmShapes } from "../../../kernels/ops/sanm-layer/index.ts";
import type {
  SanmLayerAttrs,
  SanmLayerInput,
  SanmMatrix,
  SanmNorm,
} from "../../../kernels/ops/sanm-layer/index.ts";
import { sanmLayerReference } from "../../../kernels/ops/sanm-layer/reference.ts";
import { add, attention, fsmn, layerNorm, run, splitColumns, tensor } from "../../../src/nn/ops.ts";
import { natural, normals } from "../../helpers/builders/random.ts";
import {
  encode,
  nmse,
  operand,
  runReference,
  runWasm,
  some,
  startWasm,
  upload,
} from "../../helpers/environment/wasm-kernels.ts";

beforeAll(() => startWasm());

interface Shape {
  readonly rows: number;
  readonly inSize: number;
  readonly heads: number;
  readonly headDim: number;
  readonly inner: number;
  readonly half: number;
  readonly seed: number;
}

/** Widths are multiples of `unit`, which Q8_0 wants to be 32; every other layer widens its input. */
function shapesOf(unit: number, maxRows: number): fc.Arbitrary<Shape> {
  const width = (most: number): fc.Arbitrary<number> => natural(most).map((count) => unit * count);
  return fc
    .record({
      rows: natural(maxRows),
      widens: fc.boolean(),
      entry: width(3),
      heads: natural(3),
      headDim: unit === 32 ? fc.constant(32) : natural(24),
      inner: width(5),
      half: fc.nat(4),
      seed: fc.nat(),
    })
    .map(({ widens, entry, ...shape }) => ({
      ...shape,
      inSize: widens ? entry : shape.heads * shape.headDim,
    }));
}

type Inputs = { readonly [name in SanmLayerInput]: Operand };

function layerOf({ rows, inSize, heads, headDim, inner, half, seed }: Shape, format: Format) {
  const size = heads * headDim;
  const shapes = sanmShapes(inSize, size, inner);
  const gain = (at: number, width: number): Operand =>
    operand(
      normals(seed + at, width, 0.1).map((v) => v + 1),
      width,
    );
  const matrixOf = (name: SanmMatrix, at: number): Operand => {
    const [out, columns] = shapes[name];
    const values = normals(seed + at, out * columns, columns ** -0.5);
    return format === "F32" ? operand(values, out, columns) : encode(format, values, out, columns);
  };
  const inputs: Inputs = {
    x: some(seed, rows, inSize),
    memory: operand(normals(seed + 1, size * (2 * half + 1), 0.3), size, 2 * half + 1),
    queryKeyValue: matrixOf("queryKeyValue", 2),
    output: matrixOf("output", 3),
    up: matrixOf("up", 4),
    down: matrixOf("down", 5),
    queryKeyValueBias: some(seed + 6, 3 * size),
    outputBias: some(seed + 7, size),
    upBias: some(seed + 8, inner),
    downBias: some(seed + 9, size),
    attentionNorm: gain(10, inSize),
    attentionNormBias: some(seed + 11, inSize),
    feedForwardNorm: gain(12, size),
    feedForwardNormBias: some(seed + 13, size),
  };
  const formats = Object.fromEntries(sanmMatrices.map((name) => [name, format])) as SanmLayerAttrs["formats"];
  const attrs: SanmLayerAttrs = { heads, inner, eps: 1e-5, formats };
  return { inputs, attrs };
}

async function uploaded(format: Format, inputs: Inputs) {
  const tensors: { [name: string]: Tensor } = {};
  for (const name of sanmMatrices) tensors[name] = await upload(format, inputs[name]);
  return tensors as { readonly [name in SanmMatrix]: Tensor };
}

/** The model's equations. */
function parts(inputs: Inputs, matrices: { readonly [name in SanmMatrix]: Tensor }, attrs: SanmLayerAttrs) {
  const { heads, inner, eps, formats } = attrs;
  const given = (name: SanmLayerInput): Tensor =>
    tensor(inputs[name].values as Float32Array, inputs[name].shape);
  const x = given("x");
  const kernel = given("memory");
  const [size, taps] = kernel.shape as [number, number];
  const shapes = sanmShapes(x.shape[1]!, size, inner);
  const multiply = (input: Tensor, name: SanmMatrix, activation = "none"): Tensor => {
    const [outFeatures, inFeatures] = shapes[name];
    return run(
      linear,
      { x: input, weight0: matrices[name], bias0: given(`${name}Bias`) },
      { formats: [formats[name]], outFeatures: [outFeatures], inFeatures, activation },
    );
  };
  const norm = (input: Tensor, name: SanmNorm): Tensor =>
    layerNorm(input, given(name), given(`${name}Bias`), eps);
  const [q, k, v] = splitColumns(multiply(norm(x, "attentionNorm"), "queryKeyValue"), 3) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const scale = (size / heads) ** -0.5;
  const length = x.shape[0]!;
  const context = attention(q, k, v, { heads, kvHeads: heads, scale, causal: false, length });
  const y = add(multiply(context, "output"), fsmn(v, kernel, (taps - 1) / 2));
  const h = x.shape[1] === size ? add(x, y) : y;
  return add(h, multiply(multiply(norm(h, "feedForwardNorm"), "up", "relu"), "down"));
}

describe("SanmLayer", () => {
  it("equals its reference with float weights, whatever the widths", async () => {
    await fc.assert(
      fc.asyncProperty(shapesOf(1, 40), async (shape) => {
        const { inputs, attrs } = layerOf(shape, "F32");
        const matrices = await uploaded("F32", inputs);
        const [found] = runWasm(sanmLayer, { ...inputs, ...matrices }, attrs);
        const [wanted] = runReference(
          sanmLayer,
          sanmLayerReference,
          inputs as Operands<SanmLayerInput>,
          attrs,
        );
        expect(nmse(found!, wanted!)).toBeLessThan(1e-9);
        for (const matrix of Object.values(matrices)) matrix.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it("gives the bytes of its parts in every storage format", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Format>("F32", "F16", "Q8_0"),
        shapesOf(32, 70),
        async (format, shape) => {
          const { inputs, attrs } = layerOf(shape, format);
          const matrices = await uploaded(format, inputs);
          const [found] = runWasm(sanmLayer, { ...inputs, ...matrices }, attrs);
          const wanted = tidy(() => parts(inputs, matrices, attrs).dataSync());
          expect(found).toEqual(wanted);
          for (const matrix of Object.values(matrices)) matrix.dispose();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gives the bytes of its parts where the residual of a quantized product is no whole vectors", async () => {
    const shape = { rows: 20, inSize: 30, heads: 2, headDim: 15, inner: 64, half: 2, seed: 4 };
    const float = layerOf(shape, "F32");
    const down = encode("Q8_0", float.inputs.down.values as Float32Array, 30, 64);
    const inputs = { ...float.inputs, down };
    const attrs = { ...float.attrs, formats: { ...float.attrs.formats, down: "Q8_0" as const } };
    const { down: unused, ...others } = await uploaded("F32", float.inputs);
    const matrices = { ...others, down: await upload("Q8_0", down) };
    const [found] = runWasm(sanmLayer, { ...inputs, ...matrices }, attrs);
    expect(found).toEqual(tidy(() => parts(inputs, matrices, attrs).dataSync()));
    for (const matrix of [unused, ...Object.values(matrices)]) matrix.dispose();
  });

  it.each([
    { rows: 261, inSize: 64 },
    { rows: 290, inSize: 96 }, // no residual, and panels of keys that end within the second strip
    { rows: 512, inSize: 64 },
  ])(
    "gives the bytes of its parts over several strips of frames and runs of panels: $rows x $inSize",
    async (size) => {
      const shape = { ...size, heads: 2, headDim: 32, inner: 1056, half: 5, seed: 3 };
      const { inputs, attrs } = layerOf(shape, "Q8_0");
      const matrices = await uploaded("Q8_0", inputs);
      const [found] = runWasm(sanmLayer, { ...inputs, ...matrices }, attrs);
      expect(found).toEqual(tidy(() => parts(inputs, matrices, attrs).dataSync()));
      for (const matrix of Object.values(matrices)) matrix.dispose();
    },
  );
});
