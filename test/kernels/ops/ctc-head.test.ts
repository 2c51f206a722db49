/** TopLabels and LinearRows of the `wasm` backend: what is read of a head as wide as a vocabulary. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Format } from "../../../kernels/formats/table.ts";
import { linear } from "../../../kernels/ops/linear/index.ts";
import { linearRows } from "../../../kernels/ops/linear-rows/index.ts";
import { linearRowsReference } from "../../../kernels/ops/linear-rows/reference.ts";
import { topLabels } from "../../../kernels/ops/top-labels/index.ts";
import { topLabelsReference } from "../../../kernels/ops/top-labels/reference.ts";
import { natural, normals } from "../../helpers/builders/random.ts";
import {
  encode,
  nmse,
  operand,
  runReference,
  runWasm,
  startWasm,
  upload,
} from "../../helpers/environment/wasm-kernels.ts";

const farthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

beforeAll(() => startWasm());

describe("TopLabels", () => {
  it("equals its reference: the same labels, log probabilities to float32", () => {
    fc.assert(
      fc.property(natural(40), natural(700), natural(30), fc.nat(), (rows, width, most, seed) => {
        const x = operand(normals(seed, rows * width, 6), rows, width);
        const attrs = { count: Math.min(most, width) };
        const [labels, logProbs, shifts] = runWasm(topLabels, { x }, attrs);
        const wanted = runReference(topLabels, topLabelsReference, { x }, attrs);
        expect(labels).toEqual(wanted[0]);
        expect(farthest(logProbs!, wanted[1]!)).toBeLessThan(4e-6);
        expect(farthest(shifts!, wanted[2]!)).toBeLessThan(4e-6);
      }),
    );
  });

  it("gives the lowest of equal labels first", () => {
    const integers = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(integers, (row) => {
        const x = operand(Float32Array.from(row), 1, 9);
        const [wanted] = runReference(topLabels, topLabelsReference, { x }, { count: 5 });
        expect(runWasm(topLabels, { x }, { count: 5 })[0]).toEqual(wanted);
      }),
    );
  });

  it("sums a whole vocabulary as exactly as float64 does", () => {
    const x = operand(normals(5, 3 * 60_515, 2), 3, 60_515);
    const [, , shifts] = runWasm(topLabels, { x }, { count: 1 });
    const [, , wanted] = runReference(topLabels, topLabelsReference, { x }, { count: 1 });
    expect(farthest(shifts!, wanted!)).toBeLessThan(2e-6);
  });
});

describe("LinearRows", () => {
  const formats = fc.constantFrom<Format>("F32", "F16", "BF16", "Q8_0", "Q4_0");

  it("gives the bytes that Linear gives for these outputs, in every format", async () => {
    const property = fc.asyncProperty(
      natural(40),
      natural(4),
      natural(60),
      formats,
      fc.boolean(),
      fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
      async (frames, blocks, rows, format, biased, places) => {
        const columns = 32 * blocks;
        const ids = places.map((place) => place % rows);
        const x = operand(normals(rows, frames * columns), frames, columns);
        const matrix = encode(format, normals(frames, rows * columns, 0.1), rows, columns);
        const weight = await upload(format, matrix);
        const bias = biased ? operand(normals(7, rows), rows) : undefined;
        const shape = { inFeatures: columns, outFeatures: [rows], activation: "none" };
        const [all] = runWasm(linear, { x, weight0: weight, bias0: bias }, { ...shape, formats: [format] });
        const attrs = { format, rows, columns, ids };
        const [some] = runWasm(linearRows, { x, weight, bias }, attrs);
        for (let t = 0; t < frames; t++) {
          expect([...some!.subarray(t * ids.length, (t + 1) * ids.length)]).toEqual(
            ids.map((id) => all![t * rows + id]),
          );
        }
        const inputs = { x, weight: matrix, ...(bias === undefined ? {} : { bias }) };
        const [wanted] = runReference(linearRows, linearRowsReference, inputs, attrs);
        expect(nmse(some!, wanted!)).toBeLessThan(format === "Q4_0" ? 1e-2 : 1e-3);
        weight.dispose();
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("refuses rows that are not there", async () => {
    const weight = await upload("F32", operand(new Float32Array(64), 2, 32));
    const attrs = { format: "F32", rows: 2, columns: 32, ids: [0, 2] };
    expect(() => runWasm(linearRows, { x: operand(new Float32Array(32), 1, 32), weight }, attrs)).toThrow(
      "row 2",
    );
    weight.dispose();
  });
});
