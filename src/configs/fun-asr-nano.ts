/** Hyperparameters of Fun-ASR-Nano. */
import type { SenseVoiceEncoderConfig } from "./encoders.ts";
import type { Qwen3Config } from "./qwen3.ts";
import { readSenseVoiceEncoder } from "./encoders.ts";
import { readQwen3 } from "./qwen3.ts";
import type { Settings, TensorShapes } from "./settings.ts";

export interface FunAsrNanoConfig {
  readonly encoder: SenseVoiceEncoderConfig;
  readonly adaptor: TransformerConfig;
  /** Whether the LLM gets the first eighth of the adaptor's rows (Nano) or all of them (MLT). */
  readonly useLowFrameRate: boolean;
  readonly ctc: CtcConfig | undefined;
  readonly llm: Qwen3Config;
}

export interface CtcConfig {
  readonly decoder: TransformerConfig;
  readonly vocabSize: number;
  readonly blankId: number;
}

export interface TransformerConfig {
  /** Width of the encoder's rows. */
  readonly encoderDim: number;
  /** Inner width of the two maps in front. */
  readonly ffnDim: number;
  /** Width D of the stream and of the result. */
  readonly llmDim: number;
  readonly layers: number;
  readonly heads: number;
}

export function readFunAsrNano(s: Settings, tensors: TensorShapes): FunAsrNanoConfig {
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
  checkTiedHead(s.at("llm"), tensors.has("llm.lm_head.weight"));
  s.has("ctc.tokens"); // read with the other vocabularies
  return Object.freeze({
    encoder,
    adaptor,
    useLowFrameRate: s.at("adaptor").flag("use_low_frame_rate"),
    ctc: s.at("ctc").has("vocab_size") ? readCtc(s, encoder.size) : undefined,
    llm,
  });
}

/** A file need not state it: its tensors do. */
function checkTiedHead(s: Settings, hasHead: boolean): void {
  const key = "tie_word_embeddings";
  if (!s.has(key)) return;
  const tied = s.flag(key);
  const tensor = hasHead ? "has" : "lacks";
  s.require(
    tied !== hasHead,
    key,
    `${tied}`,
    `${!hasHead}: the file ${tensor} the tensor llm.lm_head.weight`,
  );
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

function readTransformer(s: Settings): TransformerConfig {
  const config = {
    encoderDim: s.integer("encoder_dim", 1, 16_384),
    ffnDim: s.integer("ffn_dim", 1, 65_536),
    llmDim: s.integer("llm_dim", 4, 16_384),
    layers: s.integer("n_layer", 0, 128),
    heads: s.integer("attention_heads", 1, 256),
  };
  s.require(
    config.llmDim % config.heads === 0,
    "attention_heads",
    `${config.heads}`,
    `a divisor of ${config.llmDim}`,
  );
  s.require(config.llmDim % 4 === 0, "llm_dim", `${config.llmDim}`, "a multiple of 4");
  return Object.freeze(config);
}
