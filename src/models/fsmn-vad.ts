/**
 * FSMN-VAD: which of its 248 states (0 is silence) each frame of 10 ms is in. A feed-forward net whose layers remember
 * the last 20 frames and see none ahead. Zhang et al., "Deep-FSMN for Large Vocabulary Continuous Speech Recognition",
 * arXiv:1803.05030; FunASR's FSMN encoder.
 */
import { relu } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { block } from "../nn/weights.ts";
import type { Weights } from "../nn/weights.ts";
import type { Settings } from "../architectures/settings.ts";

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

export interface FsmnVad {
  readonly config: FsmnVadConfig;
  /** Features [T, 400] to logits of the states [T, 248]. */
  readonly logits: (features: Tensor) => Tensor;
}

/** h ← relu(affine(m)), m = z + Σⱼ wⱼ·z[t − 19 + j], z = linear(h) */
const basicBlock = block((w, { linearDim, projDim, lorder }: FsmnVadConfig) => {
  const project = w.at("linear").linear("linear", linearDim, projDim, { bias: false });
  const memory = w.at("fsmn_block").fsmn("conv_left", projDim, lorder, lorder - 1);
  const affine = w.at("affine").linear("linear", projDim, linearDim);
  return (h: Tensor) => affine.relu(memory(project(h))); // [T, linearDim]
});

const encoder = block((w, config: FsmnVadConfig) => {
  const { inputDim, inputAffineDim, linearDim, layers, outputAffineDim, outputDim } = config;
  const in1 = w.at("in_linear1").linear("linear", inputDim, inputAffineDim);
  const in2 = w.at("in_linear2").linear("linear", inputAffineDim, linearDim);
  const blocks = Array.from({ length: layers }, (_, i) => basicBlock(w.at("fsmn").at(i), config));
  const out1 = w.at("out_linear1").linear("linear", linearDim, outputAffineDim);
  const out2 = w.at("out_linear2").linear("linear", outputAffineDim, outputDim);

  // x: [T, inputDim]
  return (x: Tensor) => {
    const h = blocks.reduce((h, layer) => layer(h), relu(in2(in1(x))));
    return out2(out1(h)); // [T, outputDim]
  };
});

export function fsmnVad(w: Weights, config: FsmnVadConfig): FsmnVad {
  w.unused("cmvn.shift"); // constants of the front end
  w.unused("cmvn.scale");
  return { config, logits: encoder(w.at("encoder"), config) };
}
