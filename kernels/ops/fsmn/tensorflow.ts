/** Fsmn as TensorFlow operations. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { fsmn } from "./index.ts";

export const fsmnTensorflow = composition(fsmn, (f, { v, kernel }, { left }) => {
  const taps = kernel!.shape[1]!;
  const padded = f.pad(v!, [
    [left, taps - 1 - left],
    [0, 0],
  ]);
  return [f.add(v!, f.depthwise(padded, f.transpose(kernel!, 1, 0)))];
});
