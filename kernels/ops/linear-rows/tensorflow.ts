/** LinearRows as TensorFlow operations: a product with the rows that are gathered. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { arithmeticOf } from "../../runtime/tensorflow/options.ts";
import { weightRows } from "../../runtime/tensorflow/weights.ts";
import { linearRows } from "./index.ts";

export const linearRowsTensorflow = composition(
  linearRows,
  (f, { x, weight, bias }, { rows, columns, ids }) => {
    const wanted = f.ids(ids);
    const type = arithmeticOf(weight!.type);
    const chosen = f.cast(weightRows(f, weight!, rows, columns, wanted), type);
    const product = f.cast(f.matmulT(f.cast(x!, type), chosen), "float32");
    return [bias === undefined ? product : f.add(product, f.gather(bias, wanted))];
  },
);
