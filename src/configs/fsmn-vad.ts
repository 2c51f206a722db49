/** Hyperparameters of FSMN-VAD. */
import type { Settings } from "./settings.ts";

export interface FsmnVadConfig {
  readonly inputDim: number;
  readonly inputAffineDim: number;
  readonly linearDim: number;
  readonly projDim: number;
  readonly layers: number;
  /** Frames of memory, the present one included. */
  readonly lorder: number;
  readonly outputAffineDim: number;
  readonly outputDim: number;
}

export function readFsmnVad(s: Settings): FsmnVadConfig {
  const size = (key: string): number => s.integer(key, 1, 4096);
  return Object.freeze({
    inputDim: size("input_dim"),
    inputAffineDim: size("input_affine_dim"),
    linearDim: size("linear_dim"),
    projDim: size("proj_dim"),
    layers: s.integer("fsmn_layers", 1, 64),
    lorder: s.integer("lorder", 2, 256),
    outputAffineDim: size("output_affine_dim"),
    outputDim: size("output_dim"),
  });
}
