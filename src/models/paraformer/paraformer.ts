/**
 * Paraformer: an encoder, a predictor of the number of tokens and of a vector for each, and a decoder that computes the
 * logits of all tokens at once. FunASR's Paraformer, BiCifParaformer, which has a head for times, and SeacoParaformer, which
 * has in addition a bias towards hotwords; Gao et al., "Paraformer: Fast and Accurate Parallel Transformer for
 * Non-autoregressive End-to-End Speech Recognition", arXiv:2206.08317.
 */
import type { ParaformerConfig } from "../../configs/paraformer.ts";
import { stage } from "../../nn/index.ts";
import type { BetweenSteps, HookPoint, Tensor, Weights } from "../../nn/index.ts";
import { sanmEncoder } from "../sanm-encoder.ts";
import type { Encode } from "../sanm-encoder.ts";
import { decoder } from "./decoder.ts";
import type { Decoded } from "./decoder.ts";
import { hotwordBias } from "./hotword-bias.ts";
import type { HotwordBias } from "./hotword-bias.ts";
import { predictor } from "./predictor.ts";
import type { Prediction } from "./predictor.ts";
import { timeHead } from "./time-head.ts";
import type { TimeHead } from "./time-head.ts";

export interface Paraformer {
  readonly config: ParaformerConfig;
  readonly encode: Encode; // [T, 560] → [T, D]
  /** Token number, alphas and embeds [N, D]. */
  predict(encoded: Tensor): Promise<Prediction>;
  decode(embeds: Tensor, encoded: Tensor, between: BetweenSteps): Promise<Decoded>; // [N, D], [T, D] → [N, D], [N, V]
  /** Other logits for the rows where a hotword is spoken; absent without SeACo's bias. */
  readonly bias: HotwordBias | undefined;
  /** The best token of each row. */
  readonly ids: HookPoint; // [N]
  /** Finer alphas [T · upsampleTimes] for times, summing to `tokens`; absent without a time head. */
  readonly upsampledAlphas: TimeHead | undefined;
}

export function paraformer(w: Weights, config: ParaformerConfig): Paraformer {
  const { size } = config.encoder;
  const cursor = w.at("predictor");
  // Constants of the front end, which reads them itself.
  w.unused("cmvn.shift");
  w.unused("cmvn.scale");
  if (config.bias === undefined) {
    w.unused("decoder.embed.0.weight"); // token vectors, used in training only
    // A bias whose settings the file does not state.
    w.unusedModules("bias_encoder", "lstm_proj", "seaco_decoder", "hotword_output_layer");
  }
  return {
    config,
    encode: sanmEncoder(w.at("encoder"), config.encoder),
    predict: predictor(cursor, size, config.predictor),
    decode: decoder(w.at("decoder"), config.decoder),
    bias: config.bias === undefined ? undefined : hotwordBias(w, config.bias),
    ids: stage(w.at("decoder"), "ids", ["N"]),
    upsampledAlphas: config.timeHead === undefined ? undefined : timeHead(cursor, size, config.timeHead),
  };
}
