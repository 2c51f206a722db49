/** Which TensorFlow there is, whether its results are right, and how fast it multiplies. */
import { matMul, tensor2d, tidy } from "../../kernels/tensorflow-js.ts";
import type { Arithmetic, StartedBackend } from "../../kernels/backend.ts";
import { Engine } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";

interface TensorflowProof {
  /** The library's version. */
  readonly tensorflow: string;
  /** Whether it computes on a GPU. */
  readonly gpu: boolean;
  readonly loadMilliseconds: number;
}

/** Starts TensorFlow and multiplies two matrices on it. Throws where the product is wrong, and the signal's reason. */
export async function proveTensorflow(signal?: AbortSignal): Promise<TensorflowProof> {
  using engine = new Engine({ backend: "tensorflow" });
  const start = performance.now();
  const prove = async ({ library }: StartedBackend): Promise<TensorflowProof> => {
    const loadMilliseconds = Math.round(performance.now() - start);
    const product = tidy(() => matMul(tensor2d([[1, 2]]), tensor2d([[3], [4]])));
    const [value] = await product.data();
    product.dispose();
    if (value !== 11) {
      throw new RuntimeError("backend_unavailable", "tensorflow", `1·3 + 2·4 = ${value}`, { wanted: "11" });
    }
    const { version = "", gpu = false } = library ?? {};
    return { tensorflow: version, gpu, loadMilliseconds };
  };
  return await engine.run("tensorflow", prove, { signal });
}

/** Multiplications and additions per second of a product of two square matrices. */
export async function multiplySpeed(
  arithmetic: Arithmetic,
  size: number,
  signal: AbortSignal,
): Promise<number> {
  const { timeProducts } = await import("../../kernels/runtime/tensorflow/products.ts");
  using engine = new Engine({ backend: "tensorflow" });
  return await engine.run("tensorflow", async () => timeProducts(arithmetic, size), { signal });
}
