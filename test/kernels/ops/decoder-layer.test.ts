/** DecoderLayer: its definition, and the same bytes as the kernels that it stands for. */
import { keep, tensor, tidy } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decoderLayer, layerMatrices, matrixShapes } from "../../../kernels/ops/decoder-layer/index.ts";
import type { DecoderLayerAttrs, LayerMatrix } from "../../../kernels/ops/decoder-layer/index.ts";
import { decoderLayerReference } from "../../../kernels/ops/decoder-layer/reference.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import type { Operand } from "../../../kernels/kernel.ts";
import type { WasmBackend } from "../../../kernels/runtime/wasm/backend.ts";
import { linear } from "../../../kernels/ops/linear/index.ts";
import { add, attention, kvWrite, qkNormRope, rmsNorm, run, swiglu } from "../../../src/nn/ops.ts";
import { layerOf, shapesOf } from "../../helpers/builders/decoder-layer.ts";
import type { LayerShape } from "../../helpers/builders/decoder-layer.ts";
import { normals } from "../../helpers/builders/random.ts";
import {
  nmse,
  runReference,
  runWasm,
  startWasm,
  upload,
  withoutSentinels,
} from "../../helpers/environment/wasm-kernels.ts";

let runtime: WasmBackend["runtime"];
beforeAll(async () => {
  ({ runtime } = await startWasm());
  runtime.capture(() => runtime.scratch(2 ** 20, () => {})); // the workspace stays, and is not to grow under a test
});

async function uploaded(format: Format, matrices: { readonly [name in LayerMatrix]: Operand }) {
  const tensors: { [name: string]: Tensor } = {};
  for (const name of layerMatrices) tensors[name] = await upload(format, matrices[name]);
  return tensors as { readonly [name in LayerMatrix]: Tensor };
}

/** Fresh copies: a run writes into its caches. */
const copied = <Inputs extends { readonly [name: string]: Operand }>(inputs: Inputs): Inputs =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { values, shape }]) => [name, { values: values.slice(), shape }]),
  ) as Inputs;

/** The layer on one pair of caches and its parts on another, call after call, each with a few rows more. */
async function compare(
  shape: LayerShape,
  format: Format,
  counts: readonly number[],
  before: (call: number) => void = () => {},
): Promise<void> {
  const { attrs, matrices, inputs } = layerOf(shape, format);
  const tensors = await uploaded(format, matrices);
  const kept = ({ values, shape: size }: Operand): Tensor => keep(tensor(values as Float32Array, [...size]));
  const given = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, kept(value)]));
  const { x, ...fixed } = given as { [name: string]: Tensor };
  const other = { ...fixed, keys: kept(inputs.keys), values: kept(inputs.values) };
  let { position } = attrs;
  for (const [i, count] of counts.entries()) {
    before(i);
    tidy(() => {
      const more = tensor(normals(shape.seed + 40 + i, count * shape.size), [count, shape.size]);
      const at = { ...attrs, position };
      const whole = run(decoderLayer, { ...fixed, ...tensors, x: more }, at);
      expect(whole.dataSync()).toEqual(byParts({ ...other, x: more }, tensors, at).dataSync());
    });
    position += count;
  }
  expect(fixed["keys"]!.dataSync()).toEqual(other.keys.dataSync());
  expect(fixed["values"]!.dataSync()).toEqual(other.values.dataSync());
  for (const t of [x!, ...Object.values(fixed), other.keys, other.values, ...Object.values(tensors)])
    t.dispose();
}

describe("DecoderLayer", () => {
  it("is recorded once for a step, and run again further on in the same bytes", async () => {
    const counts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(shapesOf(32), counts, async (shape, steps) => {
        const spare = steps.reduce((sum, count) => sum + count, 0);
        await compare({ ...shape, spare }, "Q8_0", steps);
      }),
      { numRuns: 30 },
    );
  });

  it("is recorded again where the workspace has moved, and does not write to the old place", async () => {
    const shape = { rows: 1, position: 4, spare: 4, size: 64, kvHeads: 2, group: 2, headDim: 32, seed: 5 };
    const bytes = 2 ** 20;
    const others: number[] = [];
    await compare({ ...shape, feedForwardSize: 96 }, "Q8_0", [1, 1, 1, 1], (call) => {
      if (call !== 3) return;
      runtime.capture(() => runtime.scratch(2 * bytes, () => {}));
      others.push(...[0, 1, 2].map(() => runtime.allocator.allocate(bytes)));
      for (const at of others) runtime.bytes.fill(0x5a, at, at + bytes);
    });
    const kept = others.map((at) => runtime.bytes.subarray(at, at + bytes).every((byte) => byte === 0x5a));
    expect(kept).toEqual([true, true, true]);
    for (const at of others) runtime.allocator.free(at);
  });

  it("gives the bytes of its parts layer after layer, more of them than can be pending at once, at changing positions", async () => {
    const shape = { rows: 1, position: 0, spare: 4, size: 32, kvHeads: 1, group: 2, headDim: 32, seed: 8 };
    const { attrs, matrices, inputs } = layerOf({ ...shape, feedForwardSize: 32 }, "Q8_0");
    const tensors = await uploaded("Q8_0", matrices);
    const kept = ({ values, shape: size }: Operand): Tensor =>
      keep(tensor(values as Float32Array, [...size]));
    const { x: _, keys, values, ...gains } = inputs;
    const fixed = Object.fromEntries(Object.entries(gains).map(([name, value]) => [name, kept(value)]));
    const caches = () => Array.from({ length: 120 }, () => ({ keys: kept(keys), values: kept(values) }));
    const [whole, parts] = [caches(), caches()];
    for (let position = 0; position < 4; position++) {
      const at = (i: number) => ({ ...attrs, position: position + (i < 100 ? 0 : 1) });
      tidy(() => {
        const input = tensor(normals(position, 32), [1, 32]);
        const found = withoutSentinels(() =>
          whole.reduce(
            (h, cache, i) => run(decoderLayer, { ...fixed, ...tensors, ...cache, x: h }, at(i)),
            input,
          ),
        );
        const wanted = parts.reduce(
          (h, cache, i) => byParts({ ...fixed, ...cache, x: h }, tensors, at(i)),
          input,
        );
        expect(found.dataSync()).toEqual(wanted.dataSync());
      });
    }
    const all = [...whole, ...parts].flatMap((cache) => Object.values(cache));
    for (const t of [...all, ...Object.values(fixed), ...Object.values(tensors)]) t.dispose();
  });

  it("equals its reference, as a prefill and as a step, in caches with and without room", async () => {
    await fc.assert(
      fc.asyncProperty(shapesOf(4), async (shape) => {
        const { attrs, matrices, inputs } = layerOf(shape, "F32");
        const tensors = await uploaded("F32", matrices);
        const given = { ...copied(inputs), ...matrices };
        const [wanted] = runReference(decoderLayer, decoderLayerReference, given, attrs);
        const [found] = runWasm(decoderLayer, { ...inputs, ...tensors }, attrs);
        expect(nmse(found!, wanted!)).toBeLessThan(1e-9);
        for (const t of Object.values(tensors)) t.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it("gives the bytes of its parts, and leaves the same rows in the caches", async () => {
    await fc.assert(
      fc.asyncProperty(shapesOf(32), fc.constantFrom<Format>("Q8_0", "F32"), async (shape, format) => {
        const { attrs, matrices, inputs } = layerOf(shape, format);
        const tensors = await uploaded(format, matrices);
        const made = Object.entries({ ...inputs, keys2: inputs.keys, values2: inputs.values }).map(
          ([name, { values, shape: size }]) =>
            [name, keep(tensor(values as Float32Array, [...size]))] as const,
        );
        const { keys2, values2, ...given } = Object.fromEntries(made) as { [name: string]: Tensor };
        tidy(() => {
          const whole = run(decoderLayer, { ...given, ...tensors }, attrs);
          const parts = byParts({ ...given, keys: keys2!, values: values2! }, tensors, attrs);
          expect(whole.dataSync()).toEqual(parts.dataSync());
          expect(given["keys"]!.dataSync()).toEqual(keys2!.dataSync());
          expect(given["values"]!.dataSync()).toEqual(values2!.dataSync());
        });
        for (const t of [...made.map(([, t]) => t), ...Object.values(tensors)]) t.dispose();
      }),
      { numRuns: 40 },
    );
  });
});

function byParts(
  given: { readonly [name: string]: Tensor },
  matrices: { readonly [name in LayerMatrix]: Tensor },
  attrs: DecoderLayerAttrs,
): Tensor {
  const { heads, kvHeads, headDim, eps, position, formats } = attrs;
  const x = given["x"]!;
  const [rows, size] = x.shape as [number, number];
  const shapes = matrixShapes(size, attrs);
  const multiply = (input: Tensor, name: LayerMatrix): Tensor => {
    const [outFeatures, inFeatures] = shapes[name];
    const linearAttrs = {
      formats: [formats[name]],
      outFeatures: [outFeatures],
      inFeatures,
      activation: "none",
    };
    return run(linear, { x: input, weight0: matrices[name] }, linearAttrs);
  };
  const normed = rmsNorm(x, given["inputNorm"]!, eps);
  const q = qkNormRope(multiply(normed, "query"), given["queryNorm"]!, attrs);
  const k = qkNormRope(multiply(normed, "key"), given["keyNorm"]!, attrs);
  const keys = kvWrite(given["keys"]!, k, position);
  const values = kvWrite(given["values"]!, multiply(normed, "value"), position);
  const length = position + rows;
  const span = { heads, kvHeads, scale: headDim ** -0.5, causal: true, length };
  const hidden = add(x, multiply(attention(q, keys, values, span), "output"));
  const fed = rmsNorm(hidden, given["attentionNorm"]!, eps);
  return add(hidden, multiply(swiglu(multiply(fed, "gate"), multiply(fed, "up")), "down"));
}
