/** A benchmark of matrix products. */
import { engine, findBackend } from "../../tensorflow-js.ts";
import { EagerOps } from "./eager.ts";
import type { TensorValue } from "./op-builder.ts";
import { backendName } from "./native.ts";
import type { NativeBackend } from "./native.ts";
import type { Arithmetic } from "../../backend.ts";

/** Operations per second of twenty products of square matrices [size, size], each with the result of the one before. */
export async function timeProducts(arithmetic: Arithmetic, size: number): Promise<number> {
  const ops = new EagerOps(findBackend(backendName) as NativeBackend);
  const numbers = new Float32Array(size * size).fill(1 / size);
  const matrix = ops.cast(ops.upload(numbers, "float32", [size, size]), arithmetic);
  const multiply = async (count: number): Promise<void> => {
    let product: TensorValue = matrix;
    for (let i = 0; i < count; i++) product = ops.matmul(product, matrix);
    const corner = ops.cast(ops.slice(product, [0, 0], [1, 1]), "float32");
    const rest = new EagerOps(findBackend(backendName) as NativeBackend);
    const [info] = rest.finish([rest.add(corner, corner)]);
    const read = engine().makeTensorFromTensorInfo(info!);
    await read.data();
    read.dispose();
  };
  await multiply(2);
  const start = performance.now();
  await multiply(20);
  const seconds = (performance.now() - start) / 1000;
  ops.free();
  return (20 * 2 * size ** 3) / seconds;
}
