/** JointDecoderLayer: its definition, and the bytes of DecoderLayer for each sequence. */
import { keep, tensor, tidy } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decoderLayer, layerMatrices } from "../../../kernels/ops/decoder-layer/index.ts";
import { jointDecoderLayer } from "../../../kernels/ops/joint-decoder-layer/index.ts";
import { jointDecoderLayerReference } from "../../../kernels/ops/joint-decoder-layer/reference.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import type { Operand } from "../../../kernels/kernel.ts";
import { rows as rowsOf, run } from "../../../src/nn/ops.ts";
import { layerOf, shapesOf } from "../../helpers/builders/decoder-layer.ts";
import { natural, normals } from "../../helpers/builders/random.ts";
import {
  nmse,
  operand,
  runReference,
  runWasm,
  startWasm,
  upload,
  withoutSentinels,
} from "../../helpers/environment/wasm-kernels.ts";

beforeAll(async () => {
  const { runtime } = await startWasm();
  // The workspace and the positions of recorded steps stay: no test is to be the first that needs them.
  runtime.capture(() => runtime.scratch(2 ** 20, () => {}));
  const rest = { rows: 2, position: 1, spare: 2, seed: 1 };
  const shape = { ...rest, size: 8, kvHeads: 1, group: 1, headDim: 4, feedForwardSize: 8 };
  const of = [1, 1].map((rows) => ({ rows, position: 1, spare: 2 }));
  const { attrs, matrices, gains, caches, x } = layer(shape, of, "F32");
  const weights: { [name: string]: Tensor } = {};
  for (const name of layerMatrices) weights[name] = await upload("F32", matrices[name]);
  const all = { ...gains, ...numbered(caches), x };
  for (const [name, value] of Object.entries(all)) weights[name] = kept(value);
  for (let step = 0; step < 2; step++) run(jointDecoderLayer, weights, { ...attrs, sequences: of }).dispose();
  for (const t of Object.values(weights)) t.dispose();
});

const sequences = fc.array(
  fc.record({
    rows: natural(7),
    position: fc.integer({ min: 0, max: 40 }),
    spare: fc.integer({ min: 0, max: 20 }),
  }),
  { minLength: 1, maxLength: 5 },
);

/** A layer's weights, and for each sequence its caches; x has the rows of all sequences. */
function layer(
  shape: Parameters<typeof layerOf>[0],
  of: readonly { readonly rows: number; readonly position: number; readonly spare: number }[],
  format: Format,
) {
  const { attrs, matrices, inputs } = layerOf(shape, format);
  const { x: _x, keys: _keys, values: _values, ...gains } = inputs;
  const caches = of.map((sequence, i) => {
    const own = layerOf({ ...shape, ...sequence, seed: shape.seed + 100 * (i + 1) }, format).inputs;
    return { keys: own.keys, values: own.values };
  });
  const total = of.reduce((sum, { rows }) => sum + rows, 0);
  const x = operand(normals(shape.seed + 50, total * shape.size), total, shape.size);
  const { position: _position, ...rest } = attrs;
  return { attrs: rest, matrices, gains, caches, x };
}

const numbered = <Value>(caches: readonly { readonly keys: Value; readonly values: Value }[]) =>
  Object.fromEntries(
    caches.flatMap(({ keys, values }, i) => [
      [`keys${i}`, keys],
      [`values${i}`, values],
    ]),
  );

const kept = ({ values, shape }: Operand): Tensor => keep(tensor(values as Float32Array, [...shape]));

describe("JointDecoderLayer", () => {
  it("gives each sequence the bytes of DecoderLayer, and leaves the same rows in its caches", async () => {
    const format = fc.constantFrom<Format>("Q8_0", "F32");
    await fc.assert(
      fc.asyncProperty(shapesOf(32), sequences, format, async (shape, of, stored) => {
        const { attrs, matrices, gains, caches, x } = layer(shape, of, stored);
        const weights: { [name: string]: Tensor } = {};
        for (const name of layerMatrices) weights[name] = await upload(stored, matrices[name]);
        for (const [name, gain] of Object.entries(gains)) weights[name] = kept(gain);
        const copies = () => caches.map(({ keys, values }) => ({ keys: kept(keys), values: kept(values) }));
        const [joint, alone] = [copies(), copies()];
        tidy(() => {
          const all = tensor(x.values as Float32Array, [...x.shape] as [number, number]);
          const given = { ...weights, ...numbered(joint), x: all };
          const found = run(jointDecoderLayer, given, { ...attrs, sequences: of }).dataSync();
          const wanted: number[] = [];
          let from = 0;
          for (const [i, { rows, position }] of of.entries()) {
            const own = rowsOf(all, from, rows);
            const y = run(decoderLayer, { ...weights, ...alone[i]!, x: own }, { ...attrs, position });
            wanted.push(...y.dataSync());
            from += rows;
          }
          expect([...found]).toEqual(wanted);
          for (const [i, { keys, values }] of joint.entries()) {
            expect(keys.dataSync()).toEqual(alone[i]!.keys.dataSync());
            expect(values.dataSync()).toEqual(alone[i]!.values.dataSync());
          }
        });
        const used = [...joint, ...alone].flatMap(({ keys, values }) => [keys, values]);
        for (const t of [...used, ...Object.values(weights)]) t.dispose();
      }),
      { numRuns: 40 },
    );
  });

  it("gives the same step after step, read at once or later, beside steps of one sequence", async () => {
    const rest = { rows: 1, position: 1, spare: 2, seed: 5 };
    const shape = { ...rest, size: 32, kvHeads: 1, group: 2, headDim: 8, feedForwardSize: 64 };
    const counts = [1, 3, 2, 1]; // rows of a step
    const steps = 6;
    const of = counts.map((rows, i) => ({ rows, position: 4 * i, spare: steps * rows }));
    const first = { rows: 4, position: 0, spare: 2 };
    const { attrs, matrices, gains, caches, x } = layer(shape, [...of, first], "Q8_0");
    const weights: { [name: string]: Tensor } = {};
    for (const name of layerMatrices) weights[name] = await upload("Q8_0", matrices[name]);
    for (const [name, gain] of Object.entries(gains)) weights[name] = kept(gain);
    const copies = () => caches.map(({ keys, values }) => ({ keys: kept(keys), values: kept(values) }));
    const [joint, alone] = [copies(), copies()];
    tidy(() => {
      const all = tensor(x.values as Float32Array, [...x.shape] as [number, number]);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const [own, other] = [rowsOf(all, 0, total), rowsOf(all, total, first.rows)];
      const one = (caches: { keys: Tensor; values: Tensor }, part: Tensor, position: number): Tensor =>
        run(decoderLayer, { ...weights, ...caches, x: part }, { ...attrs, position });
      for (const isLate of [false, true]) {
        const found: Tensor[] = [];
        const wanted: Float32Array[] = [];
        for (let step = 0; step < steps; step++) {
          const sequences = of.map(({ rows, position }) => ({ rows, position: position + step * rows }));
          const given = { ...weights, ...numbered(joint.slice(0, -1)), x: own };
          const pending = withoutSentinels(() => [
            run(jointDecoderLayer, given, { ...attrs, sequences }),
            one(joint.at(-1)!, other, 0),
          ]);
          found.push(...pending);
          if (!isLate) for (const read of found) read.dataSync();
        }
        for (let step = 0; step < steps; step++) {
          const rows: number[] = [];
          let from = 0;
          for (const [i, { rows: count, position }] of of.entries()) {
            const part = rowsOf(own, from, count);
            rows.push(...one(alone[i]!, part, position + step * count).dataSync());
            from += count;
          }
          wanted.push(Float32Array.from(rows), one(alone.at(-1)!, other, 0).dataSync() as Float32Array);
        }
        for (const [i, y] of found.entries()) expect(y.dataSync()).toEqual(wanted[i]);
      }
    });
    const used = [...joint, ...alone].flatMap(({ keys, values }) => [keys, values]);
    for (const t of [...used, ...Object.values(weights)]) t.dispose();
  });

  it("equals its reference", async () => {
    await fc.assert(
      fc.asyncProperty(shapesOf(4), sequences, async (shape, of) => {
        const { attrs, matrices, gains, caches, x } = layer(shape, of, "F32");
        const copied = caches.map(({ keys, values }) => ({
          keys: { ...keys, values: keys.values.slice() },
          values: { ...values, values: values.values.slice() },
        }));
        const joint = { ...attrs, sequences: of };
        const plain = { ...gains, ...matrices, ...numbered(copied), x };
        const [wanted] = runReference(jointDecoderLayer, jointDecoderLayerReference, plain, joint);
        const weights: { [name: string]: Tensor } = {};
        for (const name of layerMatrices) weights[name] = await upload("F32", matrices[name]);
        const [found] = runWasm(jointDecoderLayer, { ...gains, ...weights, ...numbered(caches), x }, joint);
        expect(nmse(found!, wanted!)).toBeLessThan(1e-9);
        for (const t of Object.values(weights)) t.dispose();
      }),
      { numRuns: 40 },
    );
  });

  it("refuses rows that are of no sequence, and a sequence without caches", () => {
    const shape = { rows: 3, position: 1, spare: 2, size: 8, kvHeads: 1, group: 1, headDim: 4, seed: 3 };
    const of = [{ rows: 2, position: 1, spare: 2 }];
    const { attrs, matrices, gains, caches, x } = layer({ ...shape, feedForwardSize: 8 }, of, "F32");
    const inputs = { ...gains, ...matrices, ...numbered(caches), x };
    const shapes = Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, one.shape]));
    const refused = (wanted: readonly { rows: number; position: number }[], found: string): void =>
      expect(() => jointDecoderLayer.outputs(shapes, { ...attrs, sequences: wanted })).toThrow(found);
    expect(jointDecoderLayer.outputs(shapes, { ...attrs, sequences: of })).toEqual([[2, 8]]);
    refused([{ rows: 3, position: 1 }], "JointDecoderLayer: x of 2 rows; wanted 3 rows");
    refused(
      [
        { rows: 1, position: 1 },
        { rows: 1, position: 0 },
      ],
      "JointDecoderLayer: missing input keys1",
    );
    refused([{ rows: 2, position: 4 }], "Attention: ");
  });
});
