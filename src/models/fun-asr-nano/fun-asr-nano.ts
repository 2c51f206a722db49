/**
 * Fun-ASR-Nano: a SenseVoice encoder hears, an adaptor speaks the language model's tongue, Qwen3 writes; beside it a
 * CTC branch reads the encoder directly (a draft, and times). FunASR's FunASRNano; "Fun-ASR Technical Report",
 * arXiv:2509.12508.
 */
import type { Turn } from "../../nn/chain.ts";
import { concatRows, rows } from "../../nn/ops.ts";
import type { Tensor } from "../../nn/ops.ts";
import { block } from "../../nn/weights.ts";
import type { Weights } from "../../nn/weights.ts";
import { qwen3, readQwen3 } from "../qwen3.ts";
import type { Qwen3, Qwen3Config } from "../qwen3.ts";
import { readSenseVoiceEncoder, senseVoiceEncoder } from "../sensevoice-encoder.ts";
import type { SenseVoiceEncoderConfig } from "../sensevoice-encoder.ts";
import type { Settings } from "../settings.ts";
import { readTransformer, transformer } from "./transformer.ts";
import type { TransformerConfig } from "./transformer.ts";

export interface FunAsrNanoConfig {
  readonly encoder: SenseVoiceEncoderConfig;
  readonly adaptor: TransformerConfig;
  /** Nano hands the LLM the first eighth of the adaptor's rows, MLT all of them. */
  readonly useLowFrameRate: boolean;
  readonly ctc: CtcConfig | undefined;
  readonly llm: Qwen3Config;
}

export interface CtcConfig {
  readonly decoder: TransformerConfig;
  readonly vocabSize: number;
  readonly blankId: number;
}

export interface CtcBranch {
  readonly config: CtcConfig;
  /** [T, D] → [T, D'] */
  readonly decoder: (encoded: Tensor) => Tensor;
  /** Any rows of the decoder's result → logits [rows, V]. */
  readonly head: (hidden: Tensor) => Tensor;
}

export interface FunAsrNano {
  readonly config: FunAsrNanoConfig;
  /** [T, 560] → [T, D] */
  encode(features: Tensor, turn: Turn): Promise<Tensor>;
  /** [T, D] → [T, llm size]; the prompt takes the first {@link audioRows} of them. */
  adapt(encoded: Tensor): Tensor;
  /** The prompt as the language model reads it: token vectors with the first `count` rows of the audio between. */
  splice(prefix: readonly number[], audio: Tensor, count: number, suffix: readonly number[]): Tensor; // [L, llm size]
  /** Absent when the checkpoint has no CTC tensors. */
  readonly ctc: CtcBranch | undefined;
  readonly llm: Qwen3;
}

export function readFunAsrNano(s: Settings): FunAsrNanoConfig {
  const encoder = readSenseVoiceEncoder(s.at("encoder"));
  const adaptor = readTransformer(s.at("adaptor"));
  const llm = readQwen3(s.at("llm"));
  s.demand(
    adaptor.encoderDim === encoder.size,
    "adaptor.encoder_dim",
    `${adaptor.encoderDim}`,
    `${encoder.size}`,
  );
  s.demand(adaptor.llmDim === llm.size, "adaptor.llm_dim", `${adaptor.llmDim}`, `${llm.size}`);
  return Object.freeze({
    encoder,
    adaptor,
    useLowFrameRate: s.at("adaptor").flag("use_low_frame_rate"),
    ctc: s.at("ctc").has("vocab_size") ? readCtc(s, encoder.size) : undefined,
    llm,
  });
}

function readCtc(s: Settings, encoderSize: number): CtcConfig {
  const decoder = readTransformer(s.at("ctc_decoder"));
  const vocabSize = s.integer("ctc.vocab_size", 2, 1_000_000);
  s.demand(
    decoder.encoderDim === encoderSize,
    "ctc_decoder.encoder_dim",
    `${decoder.encoderDim}`,
    `${encoderSize}`,
  );
  return Object.freeze({ decoder, vocabSize, blankId: s.integer("ctc.blank_id", 0, vocabSize - 1) });
}

export function funAsrNano(w: Weights, config: FunAsrNanoConfig): FunAsrNano {
  const llm = qwen3(w.at("llm"), config.llm);
  return {
    config,
    encode: senseVoiceEncoder(w.at("audio_encoder"), config.encoder),
    adapt: transformer(w.at("audio_adaptor"), config.adaptor),
    splice: splice(w.at("llm.inputs_embeds"), llm),
    // Some releases describe the CTC branch without shipping it: its tensors decide.
    ctc: config.ctc !== undefined && w.has("ctc.ctc_lo.weight") ? ctcBranch(w, config.ctc) : undefined,
    llm,
  };
}

const splice = block(
  (_, { embed }: Qwen3) =>
    (prefix: readonly number[], audio: Tensor, count: number, suffix: readonly number[]) =>
      concatRows(embed(prefix), rows(audio, 0, count), embed(suffix)), // [P + count + S, D]
);

function ctcBranch(w: Weights, config: CtcConfig): CtcBranch {
  return {
    config,
    decoder: transformer(w.at("ctc_decoder"), config.decoder),
    head: w.at("ctc").linear("ctc_lo", config.decoder.llmDim, config.vocabSize),
  };
}

/**
 * How many of T adaptor rows reach the language model. With the low frame rate these are the first ⌈T/8⌉ (three
 * strided halvings of a convolution that is not there); the rest is thrown away, as the model was trained to.
 */
export function audioRows(frames: number, lowFrameRate: boolean): number {
  return lowFrameRate ? Math.ceil(frames / 8) : frames;
}
