/**
 * FSMN-VAD: which of its 248 states (0 is silence) each frame of 10 ms is in. A feed-forward network whose layers
 * have a memory of the last 20 frames, and none of later ones. Zhang et al., "Deep-FSMN for Large Vocabulary Continuous Speech Recognition",
 * arXiv:1803.05030; FunASR's FSMN encoder.
 */
import type { FsmnVadConfig } from "../configs/fsmn-vad.ts";
import { block, fsmn, linear, relu } from "../nn/index.ts";
import type { Tensor, Weights } from "../nn/index.ts";

export interface FsmnVad {
  readonly config: FsmnVadConfig;
  /** Features [T, 400] to logits of the states [T, 248]. */
  readonly logits: (features: Tensor) => Tensor;
}

/** h ← relu(affine(m)), m = z + Σⱼ wⱼ·z[t − 19 + j], z = linear(h) */
const basicBlock = block((w, { linearDim, projDim, lorder }: FsmnVadConfig) => {
  const project = linear(w.at("linear"), "linear", linearDim, projDim, { bias: false });
  const memory = fsmn(w.at("fsmn_block"), "conv_left", projDim, lorder, lorder - 1);
  const affine = linear(w.at("affine"), "linear", projDim, linearDim);
  return (h: Tensor) => affine.relu(memory(project(h))); // [T, linearDim]
});

const encoder = block((w, config: FsmnVadConfig) => {
  const { inputDim, inputAffineDim, linearDim, layers, outputAffineDim, outputDim } = config;
  const in1 = linear(w.at("in_linear1"), "linear", inputDim, inputAffineDim);
  const in2 = linear(w.at("in_linear2"), "linear", inputAffineDim, linearDim);
  const blocks = Array.from({ length: layers }, (_, i) => basicBlock(w.at("fsmn").at(i), config));
  const out1 = linear(w.at("out_linear1"), "linear", linearDim, outputAffineDim);
  const out2 = linear(w.at("out_linear2"), "linear", outputAffineDim, outputDim);

  // x: [T, inputDim]
  return (x: Tensor) => {
    const h = blocks.reduce((h, layer) => layer(h), relu(in2(in1(x))));
    return out2(out1(h)); // [T, outputDim]
  };
});

export function fsmnVad(w: Weights, config: FsmnVadConfig): FsmnVad {
  w.unused("cmvn.shift"); // constants of the front end, which reads them itself
  w.unused("cmvn.scale");
  return { config, logits: encoder(w.at("encoder"), config) };
}
