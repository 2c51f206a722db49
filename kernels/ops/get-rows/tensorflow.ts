/** GetRows as TensorFlow operations: packed rows are decoded after they are gathered. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { weightRows } from "../../runtime/tensorflow/weights.ts";
import { getRows } from "./index.ts";

export const getRowsTensorflow = composition(getRows, (f, { table }, { rows, columns, ids }) => [
  weightRows(f, table!, rows, columns, f.ids(ids)),
]);
