/** The backends that run in Node, and the one that computes by default. */
import { registerBackend } from "../../../kernels/backends/index.ts";
import { checkBackendChoice, setDefaultBackend } from "../../nn/placement.ts";

/** Registers the backends, which are loaded when they start; repeated calls have no effect. */
export function registerNodeBackends(): void {
  registerBackend("wasm", async (options) => {
    const { startWasm } = await import("../../../kernels/backends/wasm.ts");
    const { nodeHost } = await import("../../../kernels/runtime/wasm/hosts/node.ts");
    return startWasm(nodeHost, options);
  });
  registerBackend("cpu", async ({ roundedInputs }) => {
    if (roundedInputs === true) {
      return (await import("../../../kernels/backends/cpu-rounded.ts")).startRoundedCpu();
    }
    return (await import("../../../kernels/backends/cpu.ts")).startCpu();
  });
  registerBackend("tensorflow", async (options) => {
    // TensorFlow.js's native package brings the kernels of `cpu` as well, and the later of the two prints warnings.
    await import("../../../kernels/backends/cpu.ts");
    const { startTensorflow } = await import("../../../kernels/backends/tensorflow.ts");
    return startTensorflow(options);
  });
  // Read when it is needed: a wrong value is an error of the call that uses it.
  setDefaultBackend(() => {
    const name = process.env["FUN_ASR_BACKEND"] ?? "wasm";
    checkBackendChoice(name, "FUN_ASR_BACKEND");
    return name;
  });
}
