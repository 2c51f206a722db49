/** What the rest of the library knows about backends: their names, weights as numbers, a count of tensors. */
import { engine } from "../../kernels/tensorflow-js.ts";
import { unpackRow } from "../../kernels/formats/index.ts";
import type { EncodedTensor } from "../../kernels/weight-store.ts";

export { backendNames } from "../../kernels/backend.ts";
export type { BackendName, CompiledDecoder, TensorflowOptions } from "../../kernels/backend.ts";

/** Blocks of any format as float32. */
export function dequantize({ format, shape }: EncodedTensor, bytes: Uint8Array): Float32Array {
  const count = shape.reduce((product, length) => product * length, 1);
  const decoded = new Float32Array(count);
  unpackRow(format, bytes, 0, decoded, count);
  return decoded;
}

/** Tensors that TensorFlow.js counts as live, for leak checks. */
export function liveTensors(): number {
  return engine().state.numTensors;
}
