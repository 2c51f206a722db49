/**
 * The `cpu` backend with the rounding of `wasm`: matrices in blocks are Q8_0, and the input of a product with one is
 * rounded to 8 bits, in blocks of 32 values with a float32 scale (runtime/wasm/assembly/quantize.ts). Sums are in float64
 * as on `cpu`. What is left between the two are sums of float32 in another order.
 */
import { copyRegisteredKernels, findBackend, registerBackend, unregisterKernel } from "../tensorflow-js.ts";
import { MathBackendCPU } from "../tensorflow-js-cpu.ts";
import type { StartedBackend } from "../backend.ts";
import { requantizeRows } from "../formats/index.ts";
import { byteLength } from "../formats/table.ts";
import type { Format } from "../formats/table.ts";
import { floats, sizeOf } from "../kernel.ts";
import type { Operand, Reference } from "../kernel.ts";
import { biasNames, linear, weightNames } from "../ops/linear/index.ts";
import type { LinearAttrs, LinearInput } from "../ops/linear/index.ts";
import { linearReference } from "../ops/linear/reference.ts";
import { linearRows } from "../ops/linear-rows/index.ts";
import { linearRowsReference } from "../ops/linear-rows/reference.ts";
import type { WeightStore } from "../weight-store.ts";
import { backendName, define, keep, registerCpu } from "./cpu.ts";

const id = "cpu-rounded";
const { fround } = Math;
const blockSize = 32;

export function startRoundedCpu(): StartedBackend {
  registerCpu();
  if (findBackend(id) === null) {
    registerBackend(id, () => new MathBackendCPU());
    (findBackend(id) as unknown as { firstUse: boolean }).firstUse = false;
    copyRegisteredKernels(backendName, id);
    for (const { name } of [linear, linearRows]) unregisterKernel(name, id);
    define(linear, linearRounded, id);
    define(linearRows, linearRowsRounded, id);
  }
  return { id, weights: roundedWeights, equalRows: true, dispose: () => {} };
}

const roundedWeights: WeightStore = {
  async load(source, signal) {
    const { shape, format } = source;
    const bytes = new Uint8Array(source.byteLength);
    await source.read(bytes, signal);
    if (!isBlocks(format) || format === "Q8_0") return { info: keep(id, shape, format, bytes), format };
    const target = new Uint8Array(byteLength("Q8_0", sizeOf(shape)));
    requantizeRows(format, bytes, "Q8_0", target, sizeOf(shape.slice(1)));
    return { info: keep(id, shape, "Q8_0", target), format: "Q8_0" };
  },
};

/** The products one by one: not all of their matrices need be in blocks. */
const linearRounded: Reference<LinearInput, LinearAttrs> = (inputs, attrs, outputs) => {
  const rounded = roundedOperand(inputs.x!);
  for (const [i, y] of outputs.entries()) {
    const format = attrs.formats[i]!;
    const one = {
      x: isBlocks(format) ? rounded() : inputs.x!,
      weight0: inputs[weightNames[i]!]!,
      ...(inputs[biasNames[i]!] === undefined ? {} : { bias0: inputs[biasNames[i]!]! }),
    };
    linearReference(one, { ...attrs, formats: [format], outFeatures: [attrs.outFeatures[i]!] }, [y]);
  }
};

const linearRowsRounded: typeof linearRowsReference = (inputs, attrs, outputs) => {
  const x = isBlocks(attrs.format) ? roundedOperand(inputs.x!)() : inputs.x!;
  linearRowsReference({ ...inputs, x }, attrs, outputs);
};

const isBlocks = (format: Format): boolean => format !== "F32" && format !== "F16" && format !== "BF16";

/** The operand with each value at the nearest of its block's 255 steps; computed once, when it is needed. */
function roundedOperand(x: Operand): () => Operand {
  let result: Operand | undefined;
  return () => (result ??= { shape: x.shape, values: rounded(floats({ x }, "x")) });
}

/** [blocks · 32] → the same; halves go to even integers. */
function rounded(x: Float32Array): Float32Array {
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += blockSize) {
    let magnitude = 0;
    for (let i = start; i < start + blockSize; i++) magnitude = Math.max(magnitude, Math.abs(x[i]!));
    const inverse = magnitude > 0 ? fround(127 / magnitude) : 0;
    const scale = fround(magnitude / 127);
    for (let i = start; i < start + blockSize; i++) y[i] = scale * evenInteger(x[i]! * inverse);
  }
  return y;
}

/** Nearest integer, by adding a number so large that its sums have no fraction; NaN stays NaN. */
function evenInteger(x: number): number {
  return x + 1.5 * 2 ** 52 - 1.5 * 2 ** 52;
}
