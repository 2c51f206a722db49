/** The private API of TensorFlow.js's native package that kernels/runtime/tensorflow/native.ts depends on: fails if it changes. */
import { engine, setBackend } from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { EagerOps } from "../../../../kernels/runtime/tensorflow/eager.ts";
import { loadNative } from "../../../../kernels/runtime/tensorflow/hosts/node.ts";
import { liveCounts, types } from "../../../../kernels/runtime/tensorflow/native.ts";
import type { NativeBackend } from "../../../../kernels/runtime/tensorflow/native.ts";
import { describeOn } from "../../../helpers/environment/backends.ts";

describeOn("tensorflow", "the native package", () => {
  let backend: NativeBackend;
  beforeAll(async () => {
    backend = loadNative();
    await setBackend("tensorflow");
  });

  it("has every member that is used", () => {
    const functions = [
      "createTensor",
      "deleteTensor",
      "tensorDataSync",
      "executeOp",
      "isUsingGpuDevice",
      "getNumOfTensors",
      "loadSavedModel",
      "deleteSavedModel",
      "runSavedModel",
    ] as const;
    for (const name of functions) expect(typeof backend.binding[name], name).toBe("function");
    for (const name of ["STRING", "INT", "FLOAT", "BOOL", "TYPE"] as const) {
      expect(typeof backend.binding[`TF_ATTR_${name}`], name).toBe("number");
    }
    expect(backend.binding.TF_Version).toMatch(/^2\.\d+\.\d+/);
    expect(typeof backend.getInputTensorIds).toBe("function");
    expect(typeof backend.tensorMap.get).toBe("function");
    expect(typeof backend.isUsingGpuDevice).toBe("boolean");
  });

  it("holds and frees types that TensorFlow.js has no name for", () => {
    const before = liveCounts();
    const flow = new EagerOps(backend);
    const bytes = flow.upload(Uint8Array.of(0x00, 0x3c, 0x00, 0xc0), "uint8", [2, 2]); // the halves 1 and −2
    const [info] = flow.finish([flow.bitcast(bytes, "half", [2])]);
    expect(backend.tensorMap.get(info!.dataId).dtype).toBe(types.half);
    const halves = engine().makeTensorFromTensorInfo(info!);

    const again = new EagerOps(backend);
    const [floats] = again.finish([again.cast(again.input(halves), "float32")]);
    const tensor = engine().makeTensorFromTensorInfo(floats!);
    expect([...tensor.dataSync()]).toEqual([1, -2]);
    tensor.dispose();
    halves.dispose();
    expect(liveCounts()).toEqual(before);
  });

  it("reports what TensorFlow refuses, and continues to work", () => {
    const flow = new EagerOps(backend);
    const a = flow.upload(Float32Array.of(1, 2), "float32", [1, 2]);
    expect(() => flow.matmul(a, a)).toThrow(/matrix size-incompatible/iu);
    flow.free();
  });
});
