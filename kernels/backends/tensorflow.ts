/** The `tensorflow` backend: TensorFlow itself, on a GPU or on the processor, behind TensorFlow.js's native package. */
import { findBackend } from "@tensorflow/tfjs-core";
import { cif } from "../ops/cif/index.ts";
import { cifReference } from "../ops/cif/reference.ts";
import { compositions } from "./compositions.ts";
import { compileDecoder } from "../runtime/tensorflow/graph/compile.ts";
import type { CompiledDecoder } from "../runtime/tensorflow/graph/compile.ts";
import type { DecoderCache, RecordableDecoder } from "../runtime/tensorflow/graph/decoder.ts";
import { registerEager, registerReference } from "../runtime/tensorflow/kernel.ts";
import { loadNative } from "../runtime/tensorflow/hosts/node.ts";
import { backendName } from "../runtime/tensorflow/native.ts";
import type { NativeBackend } from "../runtime/tensorflow/native.ts";
import { tensorflowOptions } from "../runtime/tensorflow/options.ts";
import { tensorflowWeightStore } from "../runtime/tensorflow/weights.ts";

export { configureTensorflow } from "../runtime/tensorflow/options.ts";
export type { TensorflowOptions } from "../runtime/tensorflow/options.ts";

/** Loads TensorFlow and registers the kernels; harmless when repeated. Throws `backend_unavailable` with the reason. */
export function registerTensorflow(): void {
  loadNative(tensorflowOptions());
  for (const kernel of compositions) registerEager(kernel);
  registerReference(cif, cifReference);
}

export const tensorflowWeights = tensorflowWeightStore(
  () => findBackend(backendName) as NativeBackend,
  tensorflowOptions,
);

/** Prompts of these rows are compiled for; longer ones are decoded step by step. */
const buckets = [64, 128, 256, 512, 1024];
const capacity = 1536;
const chunk = 64;

/** Decoding as a graph, where that was chosen or pays off. */
export async function compileOnTensorflow<Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  endIds: readonly number[],
): Promise<CompiledDecoder | undefined> {
  const { gpu } = describeTensorflow();
  const decoding = tensorflowOptions().decoding ?? (gpu ? "xla" : "eager");
  if (decoding === "eager") return undefined;
  return compileDecoder(model, { buckets, capacity, chunk, endIds, xla: decoding === "xla" });
}

/** What runs: the library's version, and whether it computes on a GPU. */
export function describeTensorflow(): { readonly tensorflow: string; readonly gpu: boolean } {
  const backend = loadNative(tensorflowOptions());
  return { tensorflow: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice };
}
