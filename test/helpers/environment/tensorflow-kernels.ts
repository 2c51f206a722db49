/** Runs single kernels on the `tensorflow` backend, and checks that they leave nothing behind. */
import { engine, setBackend, tensor } from "@tensorflow/tfjs-core";
import type { NamedAttrMap, NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import type { Operand } from "../../../kernels/kernel.ts";
import { registerTensorflow, tensorflowWeights } from "../../../kernels/backends/tensorflow.ts";
import { liveCounts } from "../../../kernels/runtime/tensorflow/native.ts";
import { uploader } from "./wasm-kernels.ts";

export async function startTensorflow(): Promise<void> {
  registerTensorflow();
  await setBackend("tensorflow");
}

export const upload = uploader(tensorflowWeights);

/** Runs a kernel twice: the second time must give the same bytes and leave no value behind, in TensorFlow either. */
export function runTensorflow(
  { name }: { readonly name: string },
  inputs: { readonly [input: string]: Operand | Tensor | undefined },
  attrs: object,
): Float32Array[] {
  const once = (): Float32Array[] => {
    const tensors: NamedTensorMap = {};
    const made: Tensor[] = [];
    for (const [input, value] of Object.entries(inputs)) {
      if (value === undefined) continue;
      const given = "dataId" in value;
      tensors[input] = given
        ? value
        : tensor(value.values.slice() as Float32Array, [...value.shape], "float32");
      if (!given) made.push(tensors[input]);
    }
    const result = engine().runKernel(name, tensors, attrs as NamedAttrMap) as Tensor | Tensor[];
    const outputs = Array.isArray(result) ? result : [result];
    const values = outputs.map((y) => (y.dataSync() as Float32Array).slice());
    for (const t of [...outputs, ...made]) t.dispose();
    return values;
  };
  const values = once();
  const before = liveCounts();
  expect(once()).toEqual(values);
  expect(liveCounts()).toEqual(before);
  return values;
}
