/** KvWrite as TensorFlow operations. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { kvWrite } from "./index.ts";

export const kvWriteTensorflow = composition(kvWrite, (f, { cache, rows }, { position }) => [
  f.overwrite(cache!, rows!, position),
]);
