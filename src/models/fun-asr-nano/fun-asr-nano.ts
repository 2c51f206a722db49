/**
 * Fun-ASR-Nano: a SenseVoice encoder, an adaptor from its rows to the language model's input, and Qwen3, which
 * generates the text; also a CTC branch on the encoder, for a draft and for times. FunASR's FunASRNano; "Fun-ASR Technical Report",
 * arXiv:2509.12508.
 */
import type { CtcConfig, FunAsrNanoConfig } from "../../configs/fun-asr-nano.ts";
import {
  block,
  concatRows,
  embedding,
  isWatched,
  returns,
  rows,
  runLayers,
  stage,
  tidy,
  wideLinear,
} from "../../nn/index.ts";
import type { BetweenSteps, HookPoint, Tensor, Weights, WideLinear } from "../../nn/index.ts";
import { ctcStages } from "../ctc-stages.ts";
import type { CtcStages } from "../ctc-stages.ts";
import type { Lens } from "../logit-lens.ts";
import { qwen3 } from "../qwen3.ts";
import type { Qwen3 } from "../qwen3.ts";
import { senseVoiceEncoder } from "../sensevoice-encoder.ts";
import type { SenseVoiceEncoder } from "../sensevoice-encoder.ts";
import { transformer, transformerLayers } from "./transformer.ts";

export interface CtcBranch {
  readonly config: CtcConfig;
  /** [T, D] → [T, D'] */
  decoder(encoded: Tensor, between: BetweenSteps): Promise<Tensor>;
  /** Any rows of the decoder's result → logits [rows, V], or those of some labels. */
  readonly head: WideLinear;
  readonly stages: CtcStages;
  /** Logits that the branch computes from each encoder layer. */
  readonly lens: Lens;
  /** Does the current hook want any stage of the branch? */
  readonly watched: boolean;
}

export interface FunAsrNano {
  readonly config: FunAsrNanoConfig;
  /** [T, 560] → [T, D] */
  encode(features: Tensor, between: BetweenSteps): Promise<Tensor>;
  /** [T, D] → [T, llm size]; the prompt takes the first {@link audioRows} of them. */
  adapt(encoded: Tensor, between: BetweenSteps): Promise<Tensor>;
  /** The language model's input: token vectors, with the first `count` rows of the audio between them; the prefix may be empty. */
  splice(prefix: readonly number[], audio: Tensor, count: number, suffix: readonly number[]): Tensor; // [L, llm size]
  /** Absent when the checkpoint has no CTC tensors. */
  readonly ctc: CtcBranch | undefined;
  readonly llm: Qwen3;
  /** The prompt's ids [L], with 0 for audio rows. */
  readonly promptIds: HookPoint;
  readonly generated: GeneratedStages;
}

interface GeneratedStages {
  readonly ids: HookPoint; // [N]
  /** The logits that each was chosen from. */
  readonly logits: HookPoint; // [N, V]
}

/** The networks in the order of a forward pass, which is the order of the stages. */
export function funAsrNano(w: Weights, config: FunAsrNanoConfig): FunAsrNano {
  const { vocabSize, size } = config.llm;
  const encoder = senseVoiceEncoder(w.at("audio_encoder"), config.encoder);
  // Some releases describe the CTC branch without shipping it: its tensors decide.
  const ctc =
    config.ctc !== undefined && w.has("ctc.ctc_lo.weight") ? ctcBranch(w, config.ctc, encoder) : undefined;
  const adapt = transformer(w.at("audio_adaptor"), config.adaptor);
  const promptIds = stage(w.at("prompt"), "ids", ["L"]);
  const prompt = w.at("llm").withRows("L");
  const embed = embedding(prompt, "model.embed_tokens", vocabSize, size);
  const spliced = splice(prompt.at("inputs_embeds"), size, embed);
  const llm = qwen3(prompt, config.llm);
  const generated = {
    logits: stage(prompt, "step_logits", ["N", vocabSize], { gathered: true }),
    ids: stage(prompt, "generated", ["N"], { gathered: true }),
  };
  return { config, encode: encoder.encode, adapt, splice: spliced, ctc, llm, promptIds, generated };
}

const splice = block((w, size: number, embed: (ids: readonly number[]) => Tensor) => {
  returns(w, size);
  return (prefix: readonly number[], audio: Tensor, count: number, suffix: readonly number[]) =>
    concatRows(...(prefix.length === 0 ? [] : [embed(prefix)]), rows(audio, 0, count), embed(suffix)); // [P + count + S, D]
});

function ctcBranch(w: Weights, config: CtcConfig, encoder: SenseVoiceEncoder): CtcBranch {
  const { vocabSize } = config;
  const ctc = w.at("ctc");
  const branch = w.at("ctc_decoder");
  const decoder = transformerLayers(branch, config.decoder);
  const head = wideLinear(ctc, "ctc_lo", config.decoder.llmDim, vocabSize);
  return {
    config,
    decoder: (encoded, between) => runLayers(decoder, encoded, between),
    head,
    stages: ctcStages(ctc, vocabSize),
    lens: {
      layers: encoder.layers,
      read: (hidden, layer) =>
        tidy(() => head(decoder.reduce((x, next) => next(x), encoder.finish(hidden, layer)))),
    },
    get watched() {
      return isWatched(branch) || isWatched(ctc);
    },
  };
}

/**
 * How many of T adaptor rows the language model gets. With the low frame rate these are the first ⌈T/8⌉ (the length
 * after three convolutions of stride 2, which the model lacks); the rest is dropped, as in training.
 */
export function audioRows(frames: number, lowFrameRate: boolean): number {
  return lowFrameRate ? Math.ceil(frames / 8) : frames;
}
