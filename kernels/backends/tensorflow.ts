/** The `tensorflow` backend: TensorFlow, on a GPU or on the processor, through TensorFlow.js's native package. */
import { findBackend } from "../tensorflow-js.ts";
import { cif } from "../ops/cif/index.ts";
import { cifReference } from "../ops/cif/reference.ts";
import { compositions } from "./compositions.ts";
import { compileDecoder } from "../runtime/tensorflow/graph/compile.ts";
import type {
  BackendOptions,
  CompiledDecoder,
  DecoderCache,
  RecordableDecoder,
  StartedBackend,
} from "../backend.ts";
import { registerEager, registerReference } from "../runtime/tensorflow/kernel.ts";
import { loadNative } from "../runtime/tensorflow/hosts/node.ts";
import { backendName } from "../runtime/tensorflow/native.ts";
import type { NativeBackend } from "../runtime/tensorflow/native.ts";
import { configureTensorflow, tensorflowOptions, withDefaults } from "../runtime/tensorflow/options.ts";
import { tensorflowWeightStore } from "../runtime/tensorflow/weights.ts";

/** Loads TensorFlow and registers the kernels; repeated calls have no effect. Throws `backend_unavailable` with the reason. */
export function registerTensorflow(options: BackendOptions = tensorflowOptions()): NativeBackend {
  const native = loadNative(options);
  for (const kernel of compositions) registerEager(kernel);
  registerReference(cif, cifReference);
  return native;
}

export const tensorflowWeights = tensorflowWeightStore(
  () => findBackend(backendName) as NativeBackend,
  tensorflowOptions,
);

/**
 * The backend with these options. TensorFlow itself is one per process, and stays: its threads are those of the first
 * start. All other options are each engine's own.
 */
export function startTensorflow(options: BackendOptions): StartedBackend {
  const native = registerTensorflow(options);
  const { isUsingGpuDevice: gpu } = native;
  return {
    id: backendName,
    weights: tensorflowWeightStore(
      () => native,
      () => withDefaults(options),
    ),
    equalRows: false, // a library chooses another way of multiplying for other sizes
    library: { version: native.binding.TF_Version, gpu },
    activate: () => configureTensorflow(options),
    compileDecoder: (model, endIds) =>
      compileOnTensorflow(model, endIds, options.decoding ?? (gpu ? "xla" : "eager")),
    dispose: () => {},
  };
}

/** Prompts of these rows are compiled for; longer ones are decoded step by step. */
const buckets = [64, 128, 256, 512, 1024];
const capacity = 1536;
const chunk = 64;

/** Decoding as a graph, where that was chosen or is faster. */
async function compileOnTensorflow<Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  endIds: readonly number[],
  decoding: "eager" | "graph" | "xla",
): Promise<CompiledDecoder | undefined> {
  if (decoding === "eager") return undefined;
  return compileDecoder(model, { buckets, capacity, chunk, endIds, xla: decoding === "xla" });
}
