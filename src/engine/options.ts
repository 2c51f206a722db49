/** The options of an engine. */
import type { CpuOptions, TensorflowOptions } from "../../kernels/backend.ts";
import type { BackendChoice } from "../nn/placement.ts";
import type { NamesOf } from "../options/check.ts";

export interface EngineOptions {
  /**
   * What computes: a backend, `hybrid` (encoder on `tensorflow`, language model on `wasm`), or `auto`, which measures;
   * `wasm` by default.
   */
  readonly backend?: BackendChoice | undefined;
  /**
   * Threads of each backend, the caller's among them; all cores by default. TensorFlow starts once per process, with the
   * threads of the first engine that uses it.
   */
  readonly threads?: number | undefined;
  /** How the backend `tensorflow` computes. */
  readonly tensorflow?: TensorflowOptions | undefined;
  /** How the backend `cpu` computes. */
  readonly cpu?: CpuOptions | undefined;
  /** Jobs (windows of audio, models being loaded) in progress at once, 8 by default; each has its own memory. */
  readonly concurrency?: number | undefined;
}

/** The names, to refuse others. */
export const optionNames: NamesOf<EngineOptions> = {
  backend: true,
  threads: true,
  tensorflow: true,
  cpu: true,
  concurrency: true,
};
