/** LayerNorm as TensorFlow operations. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { layerNorm } from "./index.ts";

export const layerNormTensorflow = composition(layerNorm, (f, { x, weight, bias }, { eps }) => {
  const centered = f.sub(x!, f.mean(x!)); // [T, D]
  const scale = f.rsqrt(f.add(f.mean(f.square(centered)), f.number(eps))); // [T, 1]
  return [f.add(f.mul(f.mul(centered, scale), weight!), bias!)];
});
