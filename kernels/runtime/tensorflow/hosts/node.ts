/**
 * TensorFlow.js's native package in Node: how it is loaded, and how a graph gets into it, which takes a folder on the
 * disk.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import util from "node:util";
import { env, findBackend } from "../../../tensorflow-js.ts";
import { RuntimeError } from "../../../../src/errors.ts";
import { backendName, graphLoaders } from "../native.ts";
import type { Binding, NativeBackend } from "../native.ts";
import { findPackage, requireHere, tensorflowHome } from "./node-home.ts";

interface NativeOptions {
  readonly threads?: number;
}

/** Loads the package, which registers its backend and stock kernels. Throws `backend_unavailable` with the reason. */
export function loadNative({ threads }: NativeOptions = {}): NativeBackend {
  const loaded = findBackend(backendName) as NativeBackend | null;
  if (loaded !== null) return loaded;

  const entry = findPackage();
  prepareEnvironment(dirname(dirname(entry)), threads);
  restoreUtil();
  const production = env().get("PROD");
  env().set("PROD", true); // prints no advertisements, nor warnings that the cpu kernels are registered already
  try {
    requireHere()(entry);
  } catch (cause) {
    const found = `${entry} cannot be loaded: ${reason(cause)}`;
    throw new RuntimeError("backend_unavailable", "tensorflow", found, {
      remedy: `Remove ${tensorflowHome()} and run \`npm run setup:tensorflow\` again`,
      cause,
    });
  } finally {
    env().set("PROD", production);
  }
  const backend = findBackend(backendName) as NativeBackend;
  graphLoaders.set(backend, loadGraph);
  return backend;
}

/** What TensorFlow reads from the environment when it starts; variables that the user has set stay as they are. */
function prepareEnvironment(folder: string, threads: number | undefined): void {
  const cuda = join(folder, "deps/nvidia/cuda_nvcc"); // the PTX compiler, for XLA
  const wanted: { readonly [name: string]: string | undefined } = {
    TF_CPP_MIN_LOG_LEVEL: "3",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    // Float32 means float32: products of 19-bit operands, NVIDIA's default, are a thousand times less exact.
    NVIDIA_TF32_OVERRIDE: "0",
    XLA_FLAGS: `--xla_gpu_cuda_data_dir=${cuda} --xla_gpu_enable_triton_gemm=false`,
    TF_NUM_INTRAOP_THREADS: threads?.toString(),
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined) process.env[name] ??= value;
  }
}

/** Two functions of node:util that the package calls: deprecated in Node 22, removed in Node 23. */
function restoreUtil(): void {
  Object.assign(util, {
    isNullOrUndefined: (x: unknown) => x === null || x === undefined,
    isArray: Array.isArray,
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Loads a SavedModel: TensorFlow reads it from a folder, which it needs no longer than that. */
function loadGraph(binding: Binding, model: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), "fun-asr-graph-"));
  try {
    writeFileSync(join(folder, "saved_model.pb"), model);
    return binding.loadSavedModel(folder, "serve");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
