/** TopLabels as TensorFlow operations. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { topLabels } from "./index.ts";

export const topLabelsTensorflow = composition(topLabels, (f, { x }, { count }) => {
  const { values, ids } = f.topK(x!, count); // [T, count] each
  const largest = f.slice(values, [0, 0], [values.shape[0]!, 1]); // [T, 1]
  const shifts = f.add(largest, f.log(f.sumOfColumns(f.exp(f.sub(x!, largest)))));
  return [f.cast(ids, "float32"), f.sub(values, shifts), shifts];
});
