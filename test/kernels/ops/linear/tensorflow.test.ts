/** Linear, LinearRows and GetRows of the `tensorflow` backend against their references, for every format and arithmetic. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { setBackend } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import type { Format } from "../../../../kernels/formats/table.ts";
import { getRows } from "../../../../kernels/ops/get-rows/index.ts";
import { getRowsReference } from "../../../../kernels/ops/get-rows/reference.ts";
import { linear } from "../../../../kernels/ops/linear/index.ts";
import { linearReference } from "../../../../kernels/ops/linear/reference.ts";
import { linearRows } from "../../../../kernels/ops/linear-rows/index.ts";
import { linearRowsReference } from "../../../../kernels/ops/linear-rows/reference.ts";
import { configureTensorflow } from "../../../../kernels/runtime/tensorflow/options.ts";
import { describeOn } from "../../../helpers/environment/backends.ts";
import { natural, normals } from "../../../helpers/builders/random.ts";
import { runTensorflow, startTensorflow, upload } from "../../../helpers/environment/tensorflow-kernels.ts";
import { encode, nmse, runReference, some } from "../../../helpers/environment/wasm-kernels.ts";

/** The error's power over the result's: 1e-5 of relative L2 norm, squared. */
const tolerance = 1e-10;

describeOn("tensorflow", "the kernels of tensorflow", () => {
  beforeAll(startTensorflow);

  const formats = fc.constantFrom<Format>("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q6_K");
  it.each([
    { arithmetic: "float32", expanded: false, bound: tolerance },
    { arithmetic: "float32", expanded: true, bound: tolerance },
    { arithmetic: "half", expanded: false, bound: 1e-6 },
    { arithmetic: "half", expanded: true, bound: 1e-6 },
    { arithmetic: "bfloat16", expanded: true, bound: 1e-4 },
  ] as const)(
    "Linear, LinearRows and GetRows read every format ($arithmetic, expanded: $expanded)",
    async ({ arithmetic, expanded, bound }) => {
      configureTensorflow({ arithmetic, expanded });
      await setBackend("tensorflow");
      const property = fc.asyncProperty(
        natural(20),
        natural(2),
        natural(70),
        formats,
        fc.boolean(),
        fc.nat(),
        async (frames, blocks, rows, format, biased, seed) => {
          const columns = 256 * blocks;
          const matrix = encode(format, normals(seed, rows * columns, 0.05), rows, columns);
          const weight: Tensor = await upload(format, matrix);
          const x = some(seed + 1, frames, columns);
          const bias = biased ? { bias0: some(seed + 2, rows) } : {};
          const linearAttrs = {
            formats: [format],
            outFeatures: [rows],
            inFeatures: columns,
            activation: biased ? ("relu" as const) : ("none" as const),
          };
          // Packed, other blocks than Q8_0 are quantized again: the bound then is that of 8 bits.
          const again = !expanded && (format === "Q4_0" || format === "Q6_K");
          const limit = again ? 1e-4 : bound;
          const [wanted] = runReference(
            linear,
            linearReference,
            { x, weight0: matrix, ...bias },
            linearAttrs,
          );
          const [actual] = runTensorflow(linear, { x, weight0: weight, ...bias }, linearAttrs);
          expect(nmse(actual!, wanted!)).toBeLessThan(limit);

          const rowAttrs = { format, rows, columns, ids: [rows - 1, 0, seed % rows] };
          const [expected] = runReference(getRows, getRowsReference, { table: matrix }, rowAttrs);
          expect(nmse(runTensorflow(getRows, { table: weight }, rowAttrs)[0]!, expected!)).toBeLessThan(
            limit,
          );
          const head = biased ? { x, bias: some(seed + 2, rows) } : { x };
          const [few] = runReference(linearRows, linearRowsReference, { ...head, weight: matrix }, rowAttrs);
          expect(nmse(runTensorflow(linearRows, { ...head, weight }, rowAttrs)[0]!, few!)).toBeLessThan(
            limit,
          );
          weight.dispose();
        },
      );
      await fc.assert(property, { numRuns: 15 });
      configureTensorflow({ arithmetic: "float32", expanded: false });
    },
  );
});
