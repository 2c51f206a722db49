/**
 * Paraformer: the encoder hears, the predictor counts the tokens and cuts a vector for each, the decoder names them
 * all at once. FunASR's Paraformer (and the recognition of its BiCifParaformer); Gao et al., "Paraformer: Fast and
 * Accurate Parallel Transformer for Non-autoregressive End-to-End Speech Recognition", arXiv:2206.08317.
 */
import type { BetweenSteps } from "../../nn/layer-stack.ts";
import type { Tensor } from "../../nn/ops.ts";
import type { HookPoint, Weights } from "../../nn/weights.ts";
import { readSanmEncoder, sanmEncoder } from "../sanm-encoder.ts";
import type { Encode, SanmEncoderConfig } from "../sanm-encoder.ts";
import type { Settings } from "../../architectures/settings.ts";
import { decoder, readDecoder } from "./decoder.ts";
import type { DecoderConfig } from "./decoder.ts";
import { predictor, readPredictor } from "./predictor.ts";
import type { Prediction, PredictorConfig } from "./predictor.ts";
import { readTimeHead, timeHead } from "./time-head.ts";
import type { TimeHead, TimeHeadConfig } from "./time-head.ts";

export interface ParaformerConfig {
  readonly encoder: SanmEncoderConfig;
  readonly predictor: PredictorConfig;
  readonly decoder: DecoderConfig;
  /** Only where the checkpoint has a head for times. */
  readonly timeHead: TimeHeadConfig | undefined;
  readonly vocabSize: number;
}

export interface Paraformer {
  readonly config: ParaformerConfig;
  readonly encode: Encode; // [T, 560] → [T, D]
  /** Token number, alphas and embeds [N, D]. */
  predict(encoded: Tensor): Promise<Prediction>;
  decode(embeds: Tensor, encoded: Tensor, turn: BetweenSteps): Promise<Tensor>; // [N, D], [T, D] → [N, V]
  /** The best token of each row. */
  readonly ids: HookPoint; // [N]
  /** Finer alphas [T · upsampleTimes] for times, summing to `tokens`; absent without a time head. */
  readonly upsampledAlphas: TimeHead | undefined;
}

export function readParaformer(s: Settings): ParaformerConfig {
  const encoder = readSanmEncoder(s.at("encoder"), 1e-12);
  const vocabSize = s.integer("vocab_size", 4, 1_000_000);
  return Object.freeze({
    encoder,
    predictor: readPredictor(s.at("predictor")),
    decoder: readDecoder(s.at("decoder"), encoder.size, vocabSize),
    timeHead: s.at("predictor").has("upsample_times") ? readTimeHead(s.at("predictor")) : undefined,
    vocabSize,
  });
}

export function paraformer(w: Weights, config: ParaformerConfig): Paraformer {
  const { size } = config.encoder;
  const cursor = w.at("predictor");
  // The front end's constants travel with the model, but the front end reads them.
  w.unused("cmvn.shift");
  w.unused("cmvn.scale");
  return {
    config,
    encode: sanmEncoder(w.at("encoder"), config.encoder),
    predict: predictor(cursor, size, config.predictor),
    decode: decoder(w.at("decoder"), config.decoder),
    ids: w.at("decoder").stage("ids", ["N"]),
    upsampledAlphas: config.timeHead === undefined ? undefined : timeHead(cursor, size, config.timeHead),
  };
}
