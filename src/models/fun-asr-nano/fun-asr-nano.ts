/**
 * Fun-ASR-Nano: a SenseVoice encoder hears, an adaptor speaks the language model's tongue, Qwen3 writes; beside it a
 * CTC branch reads the encoder directly (a draft, and times). FunASR's FunASRNano; "Fun-ASR Technical Report",
 * arXiv:2509.12508.
 */
import { runLayers } from "../../nn/layer-stack.ts";
import type { BetweenSteps } from "../../nn/layer-stack.ts";
import { concatRows, rows, tidy } from "../../nn/ops.ts";
import type { Tensor } from "../../nn/ops.ts";
import { block } from "../../nn/weights.ts";
import type { HookPoint, Weights, WideLinear } from "../../nn/weights.ts";
import { ctcStages } from "../ctc-stages.ts";
import type { CtcStages } from "../ctc-stages.ts";
import type { Lens } from "../logit-lens.ts";
import { qwen3, readQwen3 } from "../qwen3.ts";
import type { Qwen3, Qwen3Config } from "../qwen3.ts";
import { readSenseVoiceEncoder, senseVoiceEncoder } from "../sensevoice-encoder.ts";
import type { SenseVoiceEncoder, SenseVoiceEncoderConfig } from "../sensevoice-encoder.ts";
import type { Settings } from "../../architectures/settings.ts";
import { readTransformer, transformer, transformerLayers } from "./transformer.ts";
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
  decoder(encoded: Tensor, turn: BetweenSteps): Promise<Tensor>;
  /** Any rows of the decoder's result → logits [rows, V], or those of some labels. */
  readonly head: WideLinear;
  readonly stages: CtcStages;
  /** What the branch would make of each encoder layer. */
  readonly lens: Lens;
  /** Does somebody listen to any stage of the branch? */
  readonly watched: boolean;
}

export interface FunAsrNano {
  readonly config: FunAsrNanoConfig;
  /** [T, 560] → [T, D] */
  encode(features: Tensor, turn: BetweenSteps): Promise<Tensor>;
  /** [T, D] → [T, llm size]; the prompt takes the first {@link audioRows} of them. */
  adapt(encoded: Tensor, turn: BetweenSteps): Promise<Tensor>;
  /** The prompt as the language model reads it: token vectors with the first `count` rows of the audio between. */
  splice(prefix: readonly number[], audio: Tensor, count: number, suffix: readonly number[]): Tensor; // [L, llm size]
  /** Absent when the checkpoint has no CTC tensors. */
  readonly ctc: CtcBranch | undefined;
  readonly llm: Qwen3;
  /** The prompt's ids [L], with 0 for audio rows. */
  readonly promptIds: HookPoint;
  readonly generated: GeneratedStages;
}

export interface GeneratedStages {
  readonly ids: HookPoint; // [N]
  /** What each was chosen from. */
  readonly logits: HookPoint; // [N, V]
}

export function readFunAsrNano(s: Settings): FunAsrNanoConfig {
  const encoder = readSenseVoiceEncoder(s.at("encoder"));
  const adaptor = readTransformer(s.at("adaptor"));
  const llm = readQwen3(s.at("llm"));
  s.require(
    adaptor.encoderDim === encoder.size,
    "adaptor.encoder_dim",
    `${adaptor.encoderDim}`,
    `${encoder.size}`,
  );
  s.require(adaptor.llmDim === llm.size, "adaptor.llm_dim", `${adaptor.llmDim}`, `${llm.size}`);
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
  s.require(
    decoder.encoderDim === encoderSize,
    "ctc_decoder.encoder_dim",
    `${decoder.encoderDim}`,
    `${encoderSize}`,
  );
  return Object.freeze({ decoder, vocabSize, blankId: s.integer("ctc.blank_id", 0, vocabSize - 1) });
}

/** The networks in the order of a forward pass, which is the order of the stages. */
export function funAsrNano(w: Weights, config: FunAsrNanoConfig): FunAsrNano {
  const { vocabSize, size } = config.llm;
  const encoder = senseVoiceEncoder(w.at("audio_encoder"), config.encoder);
  // Some releases describe the CTC branch without shipping it: its tensors decide.
  const ctc =
    config.ctc !== undefined && w.has("ctc.ctc_lo.weight") ? ctcBranch(w, config.ctc, encoder) : undefined;
  const adapt = transformer(w.at("audio_adaptor"), config.adaptor);
  const promptIds = w.at("prompt").stage("ids", ["L"]);
  const prompt = w.at("llm").withRows("L");
  const embed = prompt.embedding("model.embed_tokens", vocabSize, size);
  const spliced = splice(prompt.at("inputs_embeds"), size, embed);
  const llm = qwen3(prompt, config.llm);
  const generated = {
    logits: prompt.stage("step_logits", ["N", vocabSize], { gathered: true }),
    ids: prompt.stage("generated", ["N"], { gathered: true }),
  };
  return { config, encode: encoder.encode, adapt, splice: spliced, ctc, llm, promptIds, generated };
}

const splice = block((w, size: number, embed: (ids: readonly number[]) => Tensor) => {
  w.returns(size);
  return (prefix: readonly number[], audio: Tensor, count: number, suffix: readonly number[]) =>
    concatRows(embed(prefix), rows(audio, 0, count), embed(suffix)); // [P + count + S, D]
});

function ctcBranch(w: Weights, config: CtcConfig, encoder: SenseVoiceEncoder): CtcBranch {
  const { vocabSize } = config;
  const ctc = w.at("ctc");
  const branch = w.at("ctc_decoder");
  const decoder = transformerLayers(branch, config.decoder);
  const head = ctc.wideLinear("ctc_lo", config.decoder.llmDim, vocabSize);
  return {
    config,
    decoder: (encoded, turn) => runLayers(decoder, encoded, turn),
    head,
    stages: ctcStages(ctc, vocabSize),
    lens: {
      layers: encoder.layers,
      read: (hidden, layer) =>
        tidy(() => head(decoder.reduce((x, next) => next(x), encoder.finish(hidden, layer)))),
    },
    get watched() {
      return branch.watched || ctc.watched;
    },
  };
}

/**
 * How many of T adaptor rows reach the language model. With the low frame rate these are the first ⌈T/8⌉ (three
 * strided halvings of a convolution that is not there); the rest is thrown away, as the model was trained to.
 */
export function audioRows(frames: number, lowFrameRate: boolean): number {
  return lowFrameRate ? Math.ceil(frames / 8) : frames;
}
