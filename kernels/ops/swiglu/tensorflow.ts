/** SwiGlu as TensorFlow operations. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { swiglu } from "./index.ts";

export const swigluTensorflow = composition(swiglu, (f, { gate, up }) => [
  f.mul(f.mul(gate!, f.sigmoid(gate!)), up!),
]);
