/** QkNormRope as TensorFlow operations: the two compositions, one after the other. */
import { rmsNormGroups } from "../rms-norm/tensorflow.ts";
import { rotated } from "../rope/tensorflow.ts";
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { qkNormRope } from "./index.ts";

export const qkNormRopeTensorflow = composition(qkNormRope, (f, { x, weight }, attrs) => [
  rotated(f, rmsNormGroups(f, x!, weight!, attrs.eps), attrs),
]);
