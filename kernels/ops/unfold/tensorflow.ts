/** Unfold as TensorFlow operations. */
import { composition } from "../../runtime/tensorflow/kernel.ts";
import { unfold } from "./index.ts";

export const unfoldTensorflow = composition(unfold, (f, { x }, { left, right }) => {
  const [rows, channels] = x!.shape as [number, number];
  const taps = left + 1 + right;
  const padded = f.pad(x!, [
    [left, right],
    [0, 0],
  ]);
  const windows = Array.from({ length: taps }, (_, k) =>
    f.reshape(f.slice(padded, [k, 0], [rows, channels]), rows, channels, 1),
  );
  return [f.reshape(f.concat(windows, 2), rows, channels * taps)];
});
