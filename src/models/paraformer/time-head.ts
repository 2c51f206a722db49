/**
 * The second head of CifPredictorV3, for times: a transposed convolution makes three rows of each hidden row, an
 * LSTM reads them in both directions, and each gets an alpha; where the alphas have summed to one, a token begins.
 * FunASR's CifPredictorV3.get_upsample_timestamp with upsample_type cnn_blstm; Shi et al., "Achieving Timestamp
 * Prediction While Recognizing with Non-Autoregressive End-to-End ASR Model", arXiv:2301.12343.
 */
import type { TimeHeadConfig } from "../../configs/paraformer.ts";
import {
  block,
  concatColumns,
  convTranspose1d,
  dispose,
  isWatched,
  linear,
  lstm,
  returns,
  stage,
  tidy,
  values,
} from "../../nn/index.ts";
import type { Tensor, Weights } from "../../nn/index.ts";
import { alphasOf } from "./predictor.ts";

/** Both directions of an LSTM, side by side. */
const blstm = block((w, size: number) => {
  const forward = lstm(w, size, size, { reverse: false });
  const backward = lstm(w, size, size, { reverse: true });
  returns(w, 2 * size);
  return (x: Tensor) => concatColumns(forward(x), backward(x)); // [T, D] → [T, 2·D]
});

/** encoded [T, D] → alphas [T · upsampleTimes], scaled so that they sum to `tokens` */
export interface TimeHead {
  (encoded: Tensor, tokens: number): Promise<Float32Array>;
  /** Does the current hook want any stage of this head? */
  readonly watched: boolean;
}

export function timeHead(cursor: Weights, size: number, config: TimeHeadConfig): TimeHead {
  const { fround } = Math;
  const { upsampleTimes } = config;
  const w = cursor.withRows(`${upsampleTimes}T`);
  const upsample = convTranspose1d(w, "upsample_cnn", size, size, upsampleTimes);
  const recur = blstm(w.at("blstm"), size);
  const output = linear(w, "cif_output2", 2 * size, 1);
  const alphaStage = stage(w, "upsampled_alphas", [w.rows]);
  const parts = ["upsample_cnn", "blstm", "cif_output2", "upsampled_alphas"].map((name) => w.at(name));

  const upsampled = async (encoded: Tensor, tokens: number): Promise<Float32Array> => {
    const scores = tidy(() => output(recur(upsample(encoded)))); // [T · upsampleTimes, 1]
    const alphas = alphasOf(await values(scores), config);
    dispose(scores);
    const factor = fround(tokens / fround(alphas.reduce((sum, alpha) => sum + alpha, 0)));
    return alphaStage.emitValues(alphas.map((alpha) => alpha * factor));
  };
  return Object.defineProperty(upsampled, "watched", {
    get: () => parts.some(isWatched),
  }) as TimeHead;
}
