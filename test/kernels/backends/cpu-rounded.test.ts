/**
 * `cpu` with the rounding of `wasm`: products with matrices in blocks are those of `wasm` but for the order of its float32
 * sums, and far nearer to them than those of `cpu`; other matrices see their input as it is.
 */
import { engine, setBackend, tensor } from "@tensorflow/tfjs-core";
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { startRoundedCpu } from "../../../kernels/backends/cpu-rounded.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import type { Operand } from "../../../kernels/kernel.ts";
import { linear } from "../../../kernels/ops/linear/index.ts";
import { normals } from "../../helpers/builders/random.ts";
import {
  encode,
  nmse,
  operand,
  runWasm,
  startWasm,
  upload,
  uploader,
} from "../../helpers/environment/wasm-kernels.ts";
import { byDefinition } from "../../helpers/environment/wasm-linear.ts";

const [frames, columns, rows] = [5, 96, 7];
const x = normals(1, frames * columns, 2);
x.fill(0, 32, 64); // a block without a largest value

async function onRounded(
  inputs: Readonly<Record<string, Operand | Tensor>>,
  attrs: object,
): Promise<Float32Array> {
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      "dataId" in value ? value : tensor(value.values as Float32Array, [...value.shape], "float32"),
    ]),
  );
  const result = engine().runKernel(linear.name, tensors, attrs as NamedAttrMap) as Tensor | Tensor[];
  const [y] = Array.isArray(result) ? result : [result];
  return (await y!.data()) as Float32Array;
}

it.each<[Format, boolean]>([
  ["Q8_0", true],
  ["F32", false],
])("products with %s", async (format, isRounded) => {
  const weight = encode(format, normals(2, rows * columns, 0.05), rows, columns);
  const bias0 = operand(normals(3, rows), rows);
  const attrs = { formats: [format], outFeatures: [rows], inFeatures: columns, activation: "none" } as const;
  const given = { x: operand(x, frames, columns), bias0 };
  const [exact] = byDefinition({ ...given, weight0: weight }, attrs);

  await startWasm();
  const [wasm] = runWasm(linear, { ...given, weight0: await upload(format, weight) }, attrs);
  const { id, weights } = startRoundedCpu();
  await setBackend(id);
  const found = await onRounded({ ...given, weight0: await uploader(weights)(format, weight) }, attrs);

  expect(nmse(found, wasm!)).toBeLessThan(1e-12);
  if (isRounded) expect(nmse(found, exact!)).toBeGreaterThan(1e-7);
  else expect(found).toEqual(exact);
});
