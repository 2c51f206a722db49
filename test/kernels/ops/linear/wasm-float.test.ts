/** Linear of the `wasm` backend with float weights: odd shapes, and the same bytes for any batch. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Format } from "../../../../kernels/formats/table.ts";
import { linear } from "../../../../kernels/ops/linear/index.ts";
import type { Activation } from "../../../../kernels/ops/linear/index.ts";
import { linearReference } from "../../../../kernels/ops/linear/reference.ts";
import { natural, normals } from "../../../helpers/builders/random.ts";
import {
  nmse,
  operand,
  runReference,
  runWasm,
  startWasm,
  weightsOf,
} from "../../../helpers/environment/wasm-kernels.ts";

const activations = fc.constantFrom<Activation>("none", "relu");

beforeAll(() => startWasm());

describe("Linear with float weights", () => {
  it("equals its reference", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Format>("F32", "F16", "BF16"),
        natural(23),
        natural(150),
        natural(70),
        fc.boolean(),
        activations,
        fc.nat(),
        async (format, frames, columns, rows, biased, activation, seed) => {
          const { encoded, tensors } = await weightsOf(format, [rows], columns, seed + 1);
          const x = operand(normals(seed, frames * columns), frames, columns);
          const bias0 = biased ? operand(normals(seed + 9, rows), rows) : undefined;
          const attrs = { formats: [format], outFeatures: [rows], inFeatures: columns, activation };
          const matrix =
            format === "F32"
              ? operand(new Float32Array(encoded[0]!.values.buffer as ArrayBuffer), rows, columns)
              : encoded[0]!;
          const [wanted] = runReference(
            linear,
            linearReference,
            { x, weight0: matrix, bias0 } as Parameters<typeof linearReference>[0],
            attrs,
          );
          const [found] = runWasm(linear, { x, weight0: tensors[0], bias0 }, attrs);
          expect(nmse(found!, wanted!)).toBeLessThan(1e-7);
          tensors[0]!.dispose();
        },
      ),
      { numRuns: 300 },
    );
  });

  it("gives each of M = 1 to 16 frames the bytes that it has alone", async () => {
    for (const format of ["F32", "F16", "BF16"] as const) {
      const { tensors } = await weightsOf(format, [37], 51, 3);
      const attrs = { formats: [format], outFeatures: [37], inFeatures: 51, activation: "none" };
      const x = normals(4, 16 * 51);
      const run = (from: number, count: number): Float32Array =>
        runWasm(
          linear,
          { x: operand(x.slice(from * 51, (from + count) * 51), count, 51), weight0: tensors[0] },
          attrs,
        )[0]!;
      const alone = Array.from({ length: 16 }, (_, frame) => run(frame, 1));
      for (let count = 2; count <= 16; count++) {
        const y = run(0, count);
        for (let frame = 0; frame < count; frame++) {
          expect(y.subarray(frame * 37, (frame + 1) * 37)).toEqual(alone[frame]);
        }
      }
      tensors[0]!.dispose();
    }
  });
});

describe("Linear with float weights and many frames", () => {
  it("gives frames the bytes that they have alone, in strips of them and parts of long rows", async () => {
    const columns = 601;
    const sizes = [16, 35];
    const x = normals(17, 250 * columns);
    for (const format of ["F32", "F16", "BF16"] as const) {
      const { tensors } = await weightsOf(format, sizes, columns, 16);
      const bias0 = operand(normals(18, 16), 16);
      const attrs = {
        formats: [format, format],
        outFeatures: sizes,
        inFeatures: columns,
        activation: "relu",
      };
      const run = (from: number, count: number): Float32Array[] => {
        const part = operand(x.slice(from * columns, (from + count) * columns), count, columns);
        return runWasm(linear, { x: part, weight0: tensors[0], weight1: tensors[1], bias0 }, attrs);
      };
      for (const [i, y] of run(0, 250).entries()) {
        for (const frame of [0, 1, 5, 6, 130, 239, 240, 245, 246, 249])
          expect(y.subarray(frame * sizes[i]!, (frame + 1) * sizes[i]!)).toEqual(run(frame, 1)[i]);
      }
      for (const t of tensors) t.dispose();
    }
  });
});
