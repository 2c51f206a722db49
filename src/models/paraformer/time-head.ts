/**
 * The second head of CifPredictorV3, for times: hidden rows are spread over three times as many, a recurrent layer
 * reads them in both directions, and each gets an alpha of its own; where these reach one, a token begins.
 * FunASR's CifPredictorV3.get_upsample_timestamp with upsample_type cnn_blstm; Shi et al., "Achieving Timestamp
 * Prediction While Recognizing with Non-Autoregressive End-to-End ASR Model", arXiv:2301.12343.
 */
import { concatColumns, dispose, tidy, values } from "../../nn/ops.ts";
import type { Tensor } from "../../nn/ops.ts";
import { block } from "../../nn/weights.ts";
import type { Weights } from "../../nn/weights.ts";
import type { Settings } from "../../architectures/settings.ts";

export interface TimeHeadConfig {
  /** Rows for each frame of the encoder. */
  readonly upsampleTimes: number;
  /** alpha = relu(σ(z) · smoothFactor − noiseThreshold) */
  readonly smoothFactor: number;
  readonly noiseThreshold: number;
}

export function readTimeHead(s: Settings): TimeHeadConfig {
  return Object.freeze({
    upsampleTimes: s.integer("upsample_times", 1, 16),
    smoothFactor: s.number("smooth_factor2", 0, 16),
    noiseThreshold: s.number("noise_threshold2", 0, 1),
  });
}

/** Both directions of an LSTM, side by side. */
const blstm = block((w, size: number) => {
  const forward = w.lstm(size, size, { reverse: false });
  const backward = w.lstm(size, size, { reverse: true });
  w.returns(2 * size);
  return (x: Tensor) => concatColumns(forward(x), backward(x)); // [T, D] → [T, 2·D]
});

/** encoded [T, D] → alphas [T · upsampleTimes], scaled so that they sum to `tokens` */
export interface TimeHead {
  (encoded: Tensor, tokens: number): Promise<Float32Array>;
  /** Does somebody listen to any stage of this head? */
  readonly watched: boolean;
}

export function timeHead(
  cursor: Weights,
  size: number,
  { upsampleTimes, smoothFactor, noiseThreshold }: TimeHeadConfig,
): TimeHead {
  const { fround } = Math;
  const w = cursor.withRows(`${upsampleTimes}T`);
  const upsample = w.convTranspose1d("upsample_cnn", size, size, upsampleTimes);
  const recur = blstm(w.at("blstm"), size);
  const output = w.linear("cif_output2", 2 * size, 1);
  const stage = w.stage("upsampled_alphas", [w.rows]);
  const parts = ["upsample_cnn", "blstm", "cif_output2", "upsampled_alphas"].map((name) => w.at(name));

  const upsampled = async (encoded: Tensor, tokens: number): Promise<Float32Array> => {
    const scores = tidy(() => output(recur(upsample(encoded)))); // [T · upsampleTimes, 1]
    const alphas = (await values(scores)).map((score) => {
      const sigmoid = fround(1 / (1 + Math.exp(-score)));
      return Math.max(fround(fround(sigmoid * fround(smoothFactor)) - fround(noiseThreshold)), 0);
    });
    dispose(scores);
    const factor = fround(tokens / fround(alphas.reduce((sum, alpha) => sum + alpha, 0)));
    return stage.emitValues(alphas.map((alpha) => alpha * factor));
  };
  return Object.defineProperty(upsampled, "watched", {
    get: () => parts.some((part) => part.watched),
  }) as TimeHead;
}
