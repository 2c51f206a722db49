/**
 * The predictor: how many tokens there are, and one vector for each. A convolution and a sigmoid give every frame a
 * weight, alpha; continuous integrate-and-fire turns weighted frames into acoustic embeds. FunASR's CifPredictorV2
 * (and the part of CifPredictorV3 that it shares), which unlike V1 has no residual around the convolution.
 * Dong and Xu, "CIF", arXiv:1905.11235; Gao et al., "Paraformer", arXiv:2206.08317, section 3.2.
 */
import type { PredictorConfig } from "../../configs/paraformer.ts";
import { RuntimeError } from "../../errors.ts";
import {
  cif,
  conv1d,
  dispose,
  integrate,
  linear,
  stage,
  tensor,
  tidy,
  tokenNumber,
  values,
} from "../../nn/index.ts";
import type { Tensor, Weights } from "../../nn/index.ts";

export interface Prediction {
  /** [T + 1]: the frames' weights and the tail's. */
  readonly alphas: Float32Array;
  /** [T + 1]: the integral at each frame; 1 or more where a token is complete. */
  readonly peaks: Float32Array;
  /** N: the whole part of the alphas' sum, or the nearest number where the model has no tail. */
  readonly tokenNumber: number;
  /** Acoustic embeds [N, D], which the caller frees; undefined for N = 0. */
  readonly embeds: Tensor | undefined;
}

/** Throws `non_finite` for NaN or infinite alphas, and `token_number` where they sum to more than T tokens. */
export function predictor(
  w: Weights,
  size: number,
  config: PredictorConfig,
): (encoded: Tensor) => Promise<Prediction> {
  const convolution = conv1d(w, "cif_conv1d", size, size, {
    left: config.leftOrder,
    right: config.rightOrder,
  });
  const output = linear(w, "cif_output", size, 1);
  const alphaStage = stage(w, "alphas", ["T+1"]);
  const peakStage = stage(w, "peaks", ["T+1"]);
  const tokenStage = stage(w, "token_number", [1]);
  const embedStage = stage(w.withRows("N"), "", size);

  // encoded: [T, D]
  return async (encoded) => {
    const scores = tidy(() => output(convolution.relu(encoded))); // [T, 1]
    const read = await values(scores);
    dispose(scores);
    const alphas = await alphaStage.emitValues(withTail(read, config));
    // As in the original: with a tail the sum is floored, without one its caller rounds it.
    const tokens = tokenNumber(alphas, config.tailThreshold > 0 ? "floor" : "round");
    checkAlphas(`${w.path}.alphas`, alphas, tokens, encoded.shape[0]!);

    const { recipe } = config;
    const peaks = await peakStage.emitValues(integrate(alphas, recipe).peaks);
    await tokenStage.emitValues(Float32Array.of(tokens));
    const fire = (): Tensor => cif(encoded, tensor(alphas, [alphas.length]), { recipe, tokens }); // [N, D]
    const embeds = tokens === 0 ? undefined : tidy(() => embedStage.emit(fire()));
    return { alphas, peaks, tokenNumber: tokens, embeds };
  };
}

/** The frames' alphas and the tail's: outside of tensors, since the tokens are counted there. */
function withTail(scores: Float32Array, config: PredictorConfig): Float32Array {
  const alphas = new Float32Array(scores.length + 1);
  alphas.set(alphasOf(scores, config));
  alphas[scores.length] = config.tailThreshold;
  return alphas;
}

/** relu(σ(z) · smoothFactor − noiseThreshold), rounded to float32 after each operation as in the original. */
export function alphasOf(
  scores: Float32Array,
  config: Pick<PredictorConfig, "smoothFactor" | "noiseThreshold">,
): Float32Array {
  const { fround } = Math;
  const [smooth, noise] = [fround(config.smoothFactor), fround(config.noiseThreshold)];
  return scores.map((score) => {
    const sigmoid = fround(1 / (1 + Math.exp(-score)));
    return Math.max(fround(fround(sigmoid * smooth) - noise), 0);
  });
}

function checkAlphas(where: string, alphas: Float32Array, tokens: number, frames: number): void {
  const wrong = alphas.findIndex((alpha) => !Number.isFinite(alpha));
  if (wrong >= 0) {
    throw new RuntimeError("non_finite", where, `${alphas[wrong]} at frame ${wrong}`, {
      wanted: "a number",
      remedy: "The weights or the features are damaged, or the arithmetic of the backend overflowed",
    });
  }
  if (tokens > frames) {
    throw new RuntimeError("token_number", where, `${tokens} tokens in ${frames} frames`, {
      wanted: "at most one for each frame",
    });
  }
}
